package io.agenttier.apiserver.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    record Sample(
            @Nullable String name,
            @Nullable List<String> items,
            @Nullable Map<String, String> env,
            @Nullable Long count,
            @Nullable Boolean flag,
            @Nullable Sample inner) {}

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void bindsRecordsAndLeavesOutWhatIsAbsent() throws Exception {
        var sample = Json.read(bytes("{\"name\":\"a\",\"items\":[\"x\"],\"inner\":{\"count\":3}}"), Sample.class);
        assertThat(sample)
                .isEqualTo(
                        new Sample("a", List.of("x"), null, null, null, new Sample(null, null, null, 3L, null, null)));
        assertThat(new String(Json.write(sample), StandardCharsets.UTF_8))
                .isEqualTo("{\"name\":\"a\",\"items\":[\"x\"],\"inner\":{\"count\":3}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"nmae\":1} | unknown field \"nmae\" at line 1, column 9: expected one of count, env, flag, inner, items, name",
                "{\"inner\":{\"x\":1}} | unknown field \"inner.x\" at line 1, column 15: expected one of count, env, flag, inner, items, name",
                "{\"name\":1} | field \"name\" at line 1, column 9 has the wrong type: expected a string",
                "{\"items\":\"a\"} | field \"items\" at line 1, column 10 has the wrong type: expected a list",
                "{\"items\":[1]} | field \"items[0]\" at line 1, column 11 has the wrong type: expected a string",
                "{\"count\":\"1\"} | field \"count\" at line 1, column 10 has the wrong type: expected a number",
                "{\"count\":1.5} | field \"count\" at line 1, column 10 has the wrong type: expected a number",
                "{\"flag\":\"true\"} | field \"flag\" at line 1, column 9 has the wrong type: expected true or false",
                "{\"flag\":1} | field \"flag\" at line 1, column 9 has the wrong type: expected true or false",
                "[] | expected an object at line 1, column 1",
                "null | expected an object, got null",
                "{\"name\":\"a\",\"name\":\"b\"} | not well formed at line 1, column 18: a field is given twice",
                "{\"name\":secret} | not well formed at line 1, column 9: unexpected token",
                "{\"name\":\"a\" | not well formed at line 1, column 12: it ends too early",
            })
    void saysWhatIsWrongAndNeverQuotesValues(String json, String message) {
        assertThatThrownBy(() -> Json.read(bytes(json), Sample.class))
                .isInstanceOf(MalformedException.class)
                .message()
                .satisfies(text -> assertThat(text.replaceAll("column \\d+", "column N"))
                        .isEqualTo(message.replaceAll("column \\d+", "column N")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{} {}", "{}x", "{'name':'a'}", "{\"name\":NaN}", "{/**/}"})
    void refusesWhatIsNoJson(String json) {
        assertThatThrownBy(() -> Json.read(bytes(json), Sample.class)).isInstanceOf(MalformedException.class);
    }

    @Test
    void boundsNesting() {
        var deep = "{\"inner\":".repeat(101) + "{}" + "}".repeat(101);
        assertThatThrownBy(() -> Json.read(bytes(deep), Sample.class)).hasMessageContaining("a bound on nesting");
    }

    @Test
    void passesOverUnknownFieldsOfOtherPrograms() throws Exception {
        assertThat(Json.readTolerant(bytes("{\"name\":\"a\",\"newer\":{}}"), Sample.class)
                        .name())
                .isEqualTo("a");
    }

    @Test
    void readsYamlAsStrictlyAsJson() throws Exception {
        assertThat(Yaml.read(bytes("name: a\nitems:\n- x\n- 'y'\n"), Sample.class)
                        .items())
                .containsExactly("x", "y");
        assertThatThrownBy(() -> Yaml.read(bytes("nmae: a\n"), Sample.class))
                .hasMessageContaining("unknown field \"nmae\"");
        assertThatThrownBy(() -> Yaml.read(bytes("name: a\nname: b\n"), Sample.class))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> Yaml.read(bytes("name: a\n---\nname: b\n"), Sample.class))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void refusesAliasBombs() {
        var bomb =
                "a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nitems: [*b, *b, *b, *b]\n";
        assertThatThrownBy(() -> Yaml.read(bytes(bomb), Sample.class)).isInstanceOf(MalformedException.class);
    }

    @Test
    void keepsTextThatLooksLikeANumberAsTextInYaml() {
        var yaml = new String(Yaml.fromJson(Json.write(Map.of("stdout", "42"))), StandardCharsets.UTF_8);
        assertThat(yaml).isEqualTo("stdout: \"42\"\n");
    }
}
