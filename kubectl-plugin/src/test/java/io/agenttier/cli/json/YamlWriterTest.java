package io.agenttier.cli.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YamlWriterTest {
    @Test
    void nestsMapsAndListsAsKubectlDoes() {
        assertThat(YamlWriter.of(Map.of(
                        "a", List.of(Map.of("b", List.of(1L, true)), "x", List.of(), List.of("y", "z")))))
                .isEqualTo("""
                        a:
                        - b:
                          - 1
                          - true
                        - x
                        - []
                        - - "y"
                          - z""");
        assertThat(YamlWriter.of(Map.of("a", Map.of("b", Map.of())))).isEqualTo("a:\n  b: {}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "on",
                "No",
                "0755",
                "1:30",
                "1e3",
                "~",
                "",
                " a",
                "a: b",
                "a #b",
                "- a",
                "#!/bin/sh\nls\n",
                "é",
                "null",
                ".inf"
            })
    void quotesWhatSomeVersionOfYamlReadsAsSomethingElse(String text) {
        assertThat(YamlWriter.of(text)).isEqualTo(JsonWriter.compact(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"busybox", "/bin/sh", "spec.env[MODE]", "SandboxTemplate team1/t", "built-in"})
    void leavesPlainWordsPlain(String text) {
        assertThat(YamlWriter.of(text)).isEqualTo(text);
    }
}
