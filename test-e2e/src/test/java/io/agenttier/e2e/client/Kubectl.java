package io.agenttier.e2e.client;

import io.agenttier.e2e.cluster.Command;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** kubectl as users have it, with the plugin on its path. */
public final class Kubectl {
    private final Map<String, String> environment;
    private final List<String> flags;
    private final byte[] stdin;

    public Kubectl(Map<String, String> environment) {
        this(environment, List.of(), new byte[0]);
    }

    private Kubectl(Map<String, String> environment, List<String> flags, byte[] stdin) {
        this.environment = environment;
        this.flags = flags;
        this.stdin = stdin;
    }

    /** In this namespace. */
    public Kubectl in(String namespace) {
        return with(List.of("--namespace=" + namespace), stdin);
    }

    /** As this user, by impersonation; he is in group {@code system:authenticated} alone. */
    public Kubectl as(String user) {
        return with(List.of("--as=" + user), stdin);
    }

    /** With this variable in its environment besides. */
    public Kubectl withVariable(String name, String value) {
        var all = new HashMap<>(environment);
        all.put(name, value);
        return new Kubectl(all, flags, stdin);
    }

    /** With this text as standard input. */
    public Kubectl with(String text) {
        return with(List.of(), text.getBytes(StandardCharsets.UTF_8));
    }

    private Kubectl with(List<String> more, byte[] input) {
        var all = new ArrayList<>(flags);
        all.addAll(more);
        return new Kubectl(environment, all, input);
    }

    public Outcome run(String... arguments) {
        return new Outcome(Command.run(command(List.of("kubectl"), arguments), environment, stdin));
    }

    /** The plugin: {@code kubectl sandbox …}; our flags stand after its command, as users write them. */
    public Outcome sandbox(String... arguments) {
        var command = new ArrayList<>(List.of("kubectl", "sandbox", arguments[0]));
        command.addAll(flags);
        command.addAll(List.of(arguments).subList(1, arguments.length));
        return new Outcome(Command.run(command, environment, stdin));
    }

    /** A running kubectl, whose output the test reads as it comes. */
    public Process start(String... arguments) {
        return Command.start(command(List.of("kubectl"), arguments), environment);
    }

    private List<String> command(List<String> program, String... arguments) {
        var command = new ArrayList<>(program);
        command.addAll(flags);
        command.addAll(List.of(arguments));
        return command;
    }

    /** What a command ended with. */
    public record Outcome(Command.Result result) {
        public int code() {
            return result.code();
        }

        public String stdout() {
            return result.stdout();
        }

        public String stderr() {
            return result.stderr();
        }

        public Outcome orThrow() {
            result.orThrow();
            return this;
        }

        /** As {@link #orThrow}, with what the test knows besides. */
        public Outcome orThrow(Supplier<String> details) {
            if (code() != 0) throw new IllegalStateException(result + details.get());
            return this;
        }

        @Override
        public String toString() {
            return result.toString();
        }
    }
}
