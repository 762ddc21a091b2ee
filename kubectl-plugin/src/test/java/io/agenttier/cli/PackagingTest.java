package io.agenttier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code package.sh} with a stand-in for the plugin: what is packaged must be what runs. */
@EnabledOnOs(OS.LINUX)
class PackagingTest {
    @TempDir
    private Path module;

    @Test
    @Timeout(300)
    void aChangedPluginNeverRunsTheAotCacheOfTheOldOne() throws Exception {
        Files.createDirectories(module.resolve("packaging"));
        for (var file : List.of("package.sh", "packaging/TrainingServer.java", "packaging/launcher.sh")) {
            Files.copy(Path.of(file), module.resolve(file), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        }
        jar("target/lib/agenttier-crds-1.jar", "none.txt", new byte[0]);
        jar("target/lib/jackson-core-1.jar", "none.txt", new byte[0]);
        jar("target/lib/snakeyaml-engine-1.jar", "none.txt", new byte[0]);
        jar(
                "target/picocli/picocli-sources.jar",
                "picocli/CommandLine.java",
                "package picocli; class CommandLine {}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        plugin("old");
        pack();
        assertThat(run()).isEqualTo("old");
        var folder = versions().getFirst();

        plugin("new");
        pack();
        assertThat(run()).isEqualTo("new");
        assertThat(versions()).hasSize(1).doesNotContain(folder);

        var made = Files.getLastModifiedTime(versions().getFirst().resolve("plugin.aot"));
        pack();
        assertThat(Files.getLastModifiedTime(versions().getFirst().resolve("plugin.aot")))
                .isEqualTo(made);

        var link = Files.createSymbolicLink(module.resolve("link"), Path.of("out/kubectl-sandbox"));
        Files.delete(versions().getFirst().resolve("plugin.aot"));
        assertThat(output(List.of(link.toString(), "version")))
                .as("without its cache, through a link")
                .isEqualTo("new");
    }

    private void plugin(String says) throws IOException {
        var source = Files.createDirectories(module.resolve("src")).resolve("Main.java");
        Files.writeString(source, """
                package io.agenttier.cli;
                public class Main {
                    public static void main(String[] words) {
                        System.out.print("%s");
                        System.exit(words[0].equals("exec") ? 3 : 0);
                    }
                }
                """.formatted(says));
        var classes = Files.createDirectories(module.resolve("classes"));
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-d", classes.toString(), source.toString()))
                .isZero();
        jar(
                "target/agenttier-kubectl-plugin-1.jar",
                "io/agenttier/cli/Main.class",
                Files.readAllBytes(classes.resolve("io/agenttier/cli/Main.class")));
    }

    private void jar(String name, String entry, byte[] content) throws IOException {
        var file = module.resolve(name);
        Files.createDirectories(file.getParent());
        try (var jar = new JarOutputStream(Files.newOutputStream(file))) {
            jar.putNextEntry(new JarEntry(entry));
            jar.write(content);
        }
    }

    private void pack() throws Exception {
        output(List.of(
                "sh",
                module.resolve("package.sh").toString(),
                module.resolve("out").toString()));
    }

    private String run() throws Exception {
        return output(List.of(module.resolve("out/kubectl-sandbox").toString(), "version"));
    }

    private List<Path> versions() throws IOException {
        try (var all = Files.list(module.resolve("out/lib"))) {
            return new ArrayList<>(all.toList());
        }
    }

    /** Standard output of a command that must succeed. */
    private String output(List<String> command) throws Exception {
        var log = module.resolve("log").toFile();
        var builder = new ProcessBuilder(command).redirectError(log);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        var process = builder.start();
        var out = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(() -> command + ": " + log).isZero();
        return out;
    }
}
