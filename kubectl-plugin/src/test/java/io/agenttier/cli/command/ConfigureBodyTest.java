package io.agenttier.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.transport.SourceException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigureBodyTest {
    @TempDir
    private Path folder;

    @Test
    void announcesTheLengthThatItWrites() throws Exception {
        for (int size : new int[] {0, 1, 2, 3, 48 * 1024, 48 * 1024 + 1, 200_000}) {
            var content = new byte[size];
            new Random(size).nextBytes(content);
            var files = List.of(file("a\"b", content), file("c", new byte[] {7}));
            var body = new ConfigureBody(files, Map.of("installScript", "x"));
            var bytes = written(body);
            assertThat(body.length()).isEqualTo(bytes.length);
            var json = JsonReader.parse(bytes);
            var first = json.at("files").items().getFirst();
            assertThat(first.at("path").textOrEmpty()).isEqualTo("/workspace/a\"b");
            assertThat(Base64.getDecoder().decode(first.at("contentBase64").textOrEmpty()))
                    .isEqualTo(content);
            assertThat(json.at("files").items()).hasSize(2);
            assertThat(json.at("installScript").textOrEmpty()).isEqualTo("x");
        }
    }

    @Test
    void isAnObjectWithFilesAloneAndWithoutFiles() throws Exception {
        assertThat(text(new ConfigureBody(List.of(file("a", new byte[] {1})), Map.of())))
                .isEqualTo("{\"files\":[{\"path\":\"/workspace/a\",\"contentBase64\":\"AQ==\"}]}");
        assertThat(text(new ConfigureBody(List.of(), Map.of("entrypoint", List.of("./run")))))
                .isEqualTo("{\"entrypoint\":[\"./run\"]}");
    }

    @Test
    void refusesAFileThatWasChangedMeanwhile() throws Exception {
        for (int size : new int[] {3, 5}) {
            var file = file("a", new byte[4]);
            Files.write(file.local(), new byte[size]);
            assertThatThrownBy(() -> file.writeTo(new ByteArrayOutputStream()))
                    .isInstanceOf(SourceException.class)
                    .hasMessage(file.local() + " was changed while it was sent: it had 4 bytes before");
        }
    }

    @Test
    void leavesOutWhatOneConfigurationCannotTake() {
        long max = ConfigureFile.MAX_FILE;
        var small = sized("small", 1);
        var whole = sized("whole", max);
        var above = sized("above", max + 1);
        assertThat(ConfigureFile.tooLarge(List.of(small, whole, above))).containsExactly(above);
        var full = List.of(sized("1", max), sized("2", max), sized("3", max), sized("4", max));
        assertThat(ConfigureFile.tooLarge(full)).isEmpty();
        assertThat(ConfigureFile.tooLarge(List.of(small, full.get(0), full.get(1), full.get(2), full.get(3))))
                .containsExactly(full.get(0));
    }

    private static ConfigureFile sized(String name, long size) {
        return new ConfigureFile("/workspace/" + name, Path.of(name), size);
    }

    private ConfigureFile file(String name, byte[] content) throws IOException {
        var local = Files.write(folder.resolve(name), content);
        return new ConfigureFile("/workspace/" + name, local, content.length);
    }

    private static String text(ConfigureBody body) throws IOException {
        return new String(written(body), StandardCharsets.UTF_8);
    }

    private static byte[] written(ConfigureBody body) throws IOException {
        var out = new ByteArrayOutputStream();
        body.writeTo(out);
        return out.toByteArray();
    }
}
