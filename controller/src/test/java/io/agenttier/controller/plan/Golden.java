package io.agenttier.controller.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.util.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Compares objects with files that a reviewer can read; {@code -Dgolden.update=true} writes them anew. */
final class Golden {
    private static final Path FOLDER = Path.of("src/test/resources/golden");

    private Golden() {}

    static void check(String name, Object object) throws IOException {
        checkText(name + ".yaml", Yaml.dump(object));
    }

    static void checkText(String name, String text) throws IOException {
        var file = FOLDER.resolve(name);
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(file, text);
        }
        assertThat(text).as(name).isEqualTo(Files.readString(file));
    }
}
