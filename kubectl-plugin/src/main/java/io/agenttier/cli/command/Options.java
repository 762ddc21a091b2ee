package io.agenttier.cli.command;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Short ways to declare options and arguments. */
final class Options {
    private Options() {}

    static OptionSpec flag(String description, String... names) {
        return OptionSpec.builder(names)
                .type(boolean.class)
                .arity("0")
                .description(description)
                .build();
    }

    /** @param label what the value is, for help, for example {@code NAME} */
    static OptionSpec value(String label, String description, String... names) {
        return OptionSpec.builder(names)
                .type(String.class)
                .arity("1")
                .paramLabel(label)
                .description(description)
                .build();
    }

    static OptionSpec repeated(String label, String description, String... names) {
        return OptionSpec.builder(names)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("1")
                .paramLabel(label)
                .description(description)
                .build();
    }

    static PositionalParamSpec argument(int index, String label, String description) {
        return PositionalParamSpec.builder()
                .index(String.valueOf(index))
                .type(String.class)
                .arity("1")
                .required(true)
                .paramLabel(label)
                .description(description)
                .build();
    }

    static PositionalParamSpec optionalArgument(int index, String label, String description) {
        return PositionalParamSpec.builder()
                .index(String.valueOf(index))
                .type(String.class)
                .arity("0..1")
                .required(false)
                .paramLabel(label)
                .description(description)
                .build();
    }

    static PositionalParamSpec arguments(String label, String description) {
        return PositionalParamSpec.builder()
                .index("0..*")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("1..*")
                .required(true)
                .paramLabel(label)
                .description(description)
                .build();
    }

    static CommandSpec spec(String name, String description) {
        var spec = CommandSpec.create().name("kubectl sandbox " + name);
        spec.usageMessage()
                .description(description)
                .sortOptions(false)
                .width(100)
                .autoWidth(false)
                .synopsisAutoIndentThreshold(0.4)
                .abbreviateSynopsis(true);
        return spec;
    }
}
