package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigureBodyTest {
    @Test
    void readsEveryField() throws IOException {
        var request = read("""
                {"kind":"SandboxConfigureRequest","files":[{"path":"/workspace/a","content":"grüße"},
                {"contentBase64":"AP8=","path":"/workspace/b"}],"installCommand":["pip","install"],"entrypoint":["python"]}""");
        assertThat(request.files()).hasSize(2);
        assertThat(request.files().get(0).content()).isEqualTo("grüße".getBytes(StandardCharsets.UTF_8));
        assertThat(request.files().get(1).content()).containsExactly(0, 0xff);
        assertThat(request.installCommand()).containsExactly("pip", "install");
        assertThat(request.entrypoint()).containsExactly("python");
        assertThat(request.installScript()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]|expected an object",
                "{\"file\":[]}|unknown field \"file\"",
                "{\"files\":{}}|files is no valid value, expected a list",
                "{\"files\":[{\"paths\":\"x\"}]}|unknown field \"files[0].paths\"",
                "{\"files\":[{\"path\":1}]}|files[0].path is no valid value, expected a string",
                "{\"files\":[{\"contentBase64\":\"?\"}]}|files[0].contentBase64 is no base64",
                "{\"entrypoint\":\"x\"}|entrypoint is no valid value, expected a list of strings",
                "{\"entrypoint\":[null]}|entrypoint[0] is no valid value, expected a string",
                "{\"kind\":\"a\",\"kind\":\"b\"}|a field is given twice",
                "{} x|not well formed",
                "{} {}|text after the end",
                "{|not well formed",
            })
    void saysWhatIsNoDocument(String body, String message) {
        assertThatThrownBy(() -> read(body))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        e -> assertThat(e.error())
                                .isInstanceOfSatisfying(
                                        ApiError.BadRequest.class,
                                        bad -> assertThat(bad.message()).contains(message)));
    }

    @Test
    void boundsTheNumberOfFiles() {
        var files = IntStream.rangeClosed(0, ConfigureLimits.DEFAULT.files())
                .mapToObj(i -> "{\"path\":\"/w/%d\"}".formatted(i))
                .collect(Collectors.joining(","));
        assertThatThrownBy(() -> read("{\"files\":[" + files + "]}"))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.TooLarge.class));
    }

    @Test
    void takesItsMemoryFromTheBudget() {
        var body = "{\"files\":[{\"path\":\"/w/x\",\"content\":\"%s\"}]}".formatted("x".repeat(100_000));
        assertThatThrownBy(() -> read(body, 50_000))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.TooManyRequests.class));
    }

    /** The hash rule of {@code spec} behaviour §9.1, by hand. */
    @Test
    void hashesInstallThenFilesInTheOrderOfTheirPaths() throws Exception {
        var request = read("""
                {"files":[{"path":"/workspace/b","contentBase64":"AP8="},{"path":"/workspace/a","content":"A"}],
                "installScript":"make","entrypoint":["x"]}""");
        var by = "sh\0-c\0make\0/workspace/a\0A\0/workspace/b\0AP8=\0";
        var expected = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(by.getBytes(StandardCharsets.UTF_8)));
        assertThat(checked(request, List.of()).hash()).isEqualTo(expected);
    }

    @Test
    void theInstallOfTheTemplateIsForFilesThatComeWithoutOne() throws IOException {
        var usual = List.of("pip", "install", ".");
        assertThat(checked(read("{\"files\":[{\"path\":\"/w/x\",\"content\":\"\"}]}"), usual)
                        .install())
                .isEqualTo(usual);
        assertThat(checked(read("{\"entrypoint\":[\"x\"]}"), usual).isEntrypointOnly())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|files",
                "{\"files\":[{\"path\":\"x\",\"content\":\"\"}]}|files[0].path",
                "{\"files\":[{\"content\":\"\"}]}|files[0].path",
                "{\"files\":[{\"path\":\"/a/../b\",\"content\":\"\"}]}|files[0].path",
                "{\"files\":[{\"path\":\"/a\"}]}|files[0].content",
                "{\"files\":[{\"path\":\"/a\",\"content\":\"\",\"contentBase64\":\"\"}]}|files[0].contentBase64",
                "{\"files\":[{\"path\":\"/a\",\"content\":\"\"},{\"path\":\"/a\",\"content\":\"\"}]}|files[1].path",
                "{\"installCommand\":[\"a\"],\"installScript\":\"b\"}|installScript",
                "{\"entrypoint\":[\"\"]}|entrypoint[0]",
                "{\"kind\":\"Pod\",\"entrypoint\":[\"x\"]}|kind",
            })
    void namesEveryWrongField(String body, String field) throws IOException {
        assertThat(ConfigureRules.check(read(body), List.of()))
                .isInstanceOfSatisfying(
                        ConfigureRules.Checked.Bad.class,
                        bad -> assertThat(bad.causes())
                                .extracting(ApiError.Cause::field)
                                .containsExactly(field));
    }

    private static Configuration checked(SandboxConfigureRequest request, List<String> usual) {
        return ((ConfigureRules.Checked.Good) ConfigureRules.check(request, usual)).configuration();
    }

    private static SandboxConfigureRequest read(String body) throws IOException {
        return read(body, 10 << 20);
    }

    private static SandboxConfigureRequest read(String body, long budget) throws IOException {
        try (var memory = new MemoryBudget(budget, Duration.ZERO, () -> {}).share()) {
            return ConfigureBody.read(
                    new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)),
                    ConfigureLimits.DEFAULT,
                    memory,
                    "web");
        }
    }

    @Test
    void holdsAFileOnceWhenItIsRead() throws IOException {
        var budget = new MemoryBudget(3 << 20, Duration.ZERO, () -> {});
        var text = "x".repeat(1 << 20);
        var base64 = Base64.getEncoder().encodeToString(new byte[1 << 20]);
        var body = "{\"files\":[{\"path\":\"/w/x\",\"content\":\"%s\"},{\"path\":\"/w/y\",\"contentBase64\":\"%s\"}]}"
                .formatted(text, base64);
        try (var memory = budget.share();
                var other = budget.share()) {
            var _ = ConfigureBody.read(stream(body), ConfigureLimits.DEFAULT, memory, "web");
            assertThat(other.grow(1 << 20)).as("two files of a MiB are held").isTrue();
            assertThat(other.grow(1 << 10)).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({"100,1000,2", "10,1000,10", "100,30,10"})
    void goesByTheLimitsItIsGiven(int fileBytes, long totalBytes, int files) {
        var file = "{\"path\":\"/w/x\",\"content\":\"0123456789a\"}";
        var body = "{\"files\":[%s,%s,%s]}".formatted(file, file, file);
        var limits = new ConfigureLimits(fileBytes, totalBytes, files);
        try (var memory = new MemoryBudget(1 << 20, Duration.ZERO, () -> {}).share()) {
            assertThatThrownBy(() -> ConfigureBody.read(stream(body), limits, memory, "web"))
                    .isInstanceOfSatisfying(
                            ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.TooLarge.class));
        }
    }

    private static ByteArrayInputStream stream(String body) {
        return new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8));
    }
}
