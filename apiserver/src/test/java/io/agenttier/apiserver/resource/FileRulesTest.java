package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.codec.MalformedException;
import io.agenttier.apiserver.error.ApiError.Cause;
import io.agenttier.apiserver.sandboxd.FileChange;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileRulesTest {
    @Test
    void understandsAFolder() throws MalformedException {
        assertThat(check("{'operation':'mkdir','path':'a/b','mode':'0750','mtime':'1969-12-31T23:59:59.5-01:00'}"))
                .isEqualTo(new FileRules.Checked.Good(new FileChange.MakeFolder(
                        "a/b", Optional.of("0750"), Optional.of(Instant.parse("1970-01-01T00:59:59.5Z")))));
        assertThat(check("{'operation':'mkdir','path':'a','kind':'SandboxFileRequest'}"))
                .isEqualTo(
                        new FileRules.Checked.Good(new FileChange.MakeFolder("a", Optional.empty(), Optional.empty())));
    }

    @Test
    void replacesOnlyWhenAsked() throws MalformedException {
        assertThat(check("{'operation':'move','path':'a','to':'b'}"))
                .isEqualTo(new FileRules.Checked.Good(new FileChange.Move("a", "b", false)));
        assertThat(check("{'operation':'move','path':'a','to':'b','overwrite':true}"))
                .isEqualTo(new FileRules.Checked.Good(new FileChange.Move("a", "b", true)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                         | FieldValueRequired     | operation
            {'operation':'chmod','path':'a'}                           | FieldValueNotSupported | operation
            {'operation':'mkdir'}                                      | FieldValueRequired     | path
            {'operation':'move','path':'a'}                            | FieldValueRequired     | to
            {'operation':'move','path':'a','to':'b','mode':'0644'}     | FieldValueForbidden    | mode
            {'operation':'move','path':'a','to':'b','mtime':'x'}       | FieldValueForbidden    | mtime
            {'operation':'mkdir','path':'a','to':'b'}                  | FieldValueForbidden    | to
            {'operation':'mkdir','path':'a','overwrite':false}         | FieldValueForbidden    | overwrite
            {'operation':'mkdir','path':'a','mode':'rwx'}              | FieldValueInvalid      | mode
            {'operation':'mkdir','path':'a','mtime':'2026-01-31'}      | FieldValueInvalid      | mtime
            {'operation':'mkdir','path':'a\\u0000'}                     | FieldValueInvalid      | path
            {'operation':'mkdir','path':'a','kind':'SandboxExecRequest'} | FieldValueInvalid    | kind
            """)
    void namesTheFieldThatIsWrong(String body, String reason, String field) throws MalformedException {
        assertThat(check(body))
                .isInstanceOfSatisfying(
                        FileRules.Checked.Bad.class,
                        bad -> assertThat(bad.causes())
                                .singleElement()
                                .extracting(Cause::reason, Cause::field)
                                .containsExactly(reason, field));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1700000000", "2026-01-31T00:00:00", "+12026-01-31T00:00:00Z", "-0001-01-31T00:00:00Z"})
    void takesNoTimeThatTheDaemonWouldNotUnderstand(String text) {
        assertThat(FileRules.time(text)).isEmpty();
    }

    private static FileRules.Checked check(String body) throws MalformedException {
        var json = body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return FileRules.check(Json.read(json, SandboxFileRequest.class));
    }
}
