package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.codec.MalformedException;
import io.agenttier.apiserver.error.ApiError.Cause;
import io.agenttier.apiserver.sandboxd.StartRequest;
import io.agenttier.apiserver.sandboxd.TerminalSize;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExecRulesTest {
    @Test
    void passesOnEverythingThatWasGiven() throws MalformedException {
        var start = good("""
                {"apiVersion":"agenttier.io/subresources-v1alpha1","kind":"SandboxExecRequest","command":["a","","b c"],
                 "timeoutSeconds":5,"stdin":"h\u00e4","env":{"K":"V"},"workingDir":"/w","process":"build","tty":false,
                 "detach":true,"onFull":"wait"}""");
        assertThat(start.argv()).containsExactly("a", "", "b c");
        assertThat(start.timeoutMs()).isEqualTo(5000);
        assertThat(start.stdinBase64()).isEqualTo("aMOk");
        assertThat(start.env()).containsEntry("K", "V");
        assertThat(start.cwd()).isEqualTo("/w");
        assertThat(start.name()).isEqualTo("build");
        assertThat(start.keep()).isTrue();
        assertThat(start.waitWhenFull()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "false, '', 30000",
        "true, '', 0",
        "false, ',\"detach\":true', 0",
        "false, ',\"timeoutSeconds\":0', 0",
        "true, ',\"timeoutSeconds\":7', 7000",
        "false, ',\"timeoutSeconds\":3600', 3600000"
    })
    void limitsTheTimeOnlyOfOneDocumentUnlessTold(boolean asEvents, String more, long timeoutMs)
            throws MalformedException {
        var checked = check("{\"script\":\"x\"" + more + "}", asEvents);
        assertThat(((ExecRules.Checked.Good) checked).start().timeoutMs()).isEqualTo(timeoutMs);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|FieldValueRequired|command",
                "{'command':[]}|FieldValueRequired|command",
                "{'command':[''],'process':'x'}|FieldValueRequired|command[0]",
                "{'command':['a',null]}|FieldValueInvalid|command[1]",
                "{'command':['a\\u0000']}|FieldValueInvalid|command[0]",
                "{'command':['a'],'script':'b'}|FieldValueForbidden|script",
                "{'script':'a\\u0000b'}|FieldValueInvalid|script",
                "{'script':'x','timeoutSeconds':-1}|FieldValueInvalid|timeoutSeconds",
                "{'script':'x','timeoutSeconds':31536001}|FieldValueInvalid|timeoutSeconds",
                "{'script':'x','stdin':'a','stdinBase64':'YQ=='}|FieldValueForbidden|stdinBase64",
                "{'script':'x','stdinBase64':'%'}|FieldValueInvalid|stdinBase64",
                "{'script':'x','env':{'A=B':'c'}}|FieldValueInvalid|env[\"A=B\"]",
                "{'script':'x','env':{'':'c'}}|FieldValueInvalid|env[\"\"]",
                "{'script':'x','env':{'AGENTTIER_PROCESS':'c'}}|FieldValueForbidden|env[\"AGENTTIER_PROCESS\"]",
                "{'script':'x','env':{'A':null}}|FieldValueInvalid|env[\"A\"]",
                "{'script':'x','workingDir':'a\\u0000'}|FieldValueInvalid|workingDir",
                "{'script':'x','process':'-x'}|FieldValueInvalid|process",
                "{'script':'x','process':'exec-0a1b2c3d0123456789abcdef'}|FieldValueInvalid|process",
                "{'script':'x','process':'0a1b2c3d.x'}|FieldValueInvalid|process",
                "{'script':'x','tty':true}|FieldValueForbidden|tty",
                "{'script':'x','openStdin':true}|FieldValueForbidden|openStdin",
                "{'script':'x','detach':true,'openStdin':true,'stdin':'a'}|FieldValueForbidden|openStdin",
                "{'script':'x','detach':true,'openStdin':true,'stdinBase64':''}|FieldValueForbidden|openStdin",
                "{'script':'x','detach':true,'cols':80}|FieldValueForbidden|cols",
                "{'script':'x','detach':true,'tty':true,'cols':0}|FieldValueInvalid|cols",
                "{'script':'x','detach':true,'tty':true,'rows':1001}|FieldValueInvalid|rows",
                "{'script':'x','detach':true,'onFull':'stop'}|FieldValueNotSupported|onFull",
                "{'script':'x','onFull':'wait'}|FieldValueForbidden|onFull",
                "{'script':'x','apiVersion':'v1'}|FieldValueInvalid|apiVersion",
                "{'script':'x','kind':'Pod'}|FieldValueInvalid|kind"
            })
    void namesTheFieldThatIsWrong(String body, String reason, String field) throws MalformedException {
        var bad = (ExecRules.Checked.Bad) check(body.replace('\'', '"'), false);
        assertThat(bad.causes())
                .extracting(Cause::reason, Cause::field)
                .containsExactly(org.assertj.core.api.Assertions.tuple(reason, field));
    }

    @Test
    void namesAllFieldsAtOnce() throws MalformedException {
        var bad = (ExecRules.Checked.Bad) check("{\"kind\":\"x\",\"tty\":true,\"timeoutSeconds\":-1}", false);
        assertThat(bad.causes()).extracting(Cause::field).containsExactly("kind", "command", "timeoutSeconds", "tty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "A.b_c-1", "0", "exec-0a1b2c3d", "0a1b2c3dx.y"})
    void takesOwnNamesThatNoIdLooksLike(String name) {
        assertThat(ProcessRef.isOwnName(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "-a", "a/b", "a b", "ä", "inv-0a1b2c3d0123456789abcdef", "0a1b2c3d.a"})
    void takesNoOtherNames(String name) {
        assertThat(ProcessRef.isOwnName(name)).isFalse();
        assertThat(ProcessRef.isOwnName("x".repeat(64))).isFalse();
    }

    @Test
    void startsTerminalsAndOpenStdinForClientsThatAttachLater() throws MalformedException {
        var start = good("{\"script\":\"x\",\"detach\":true,\"openStdin\":true,\"tty\":true,\"cols\":80}");
        assertThat(start.openStdin()).isTrue();
        assertThat(start.terminal()).isEqualTo(new TerminalSize(80, 40));
        var plain = good("{\"script\":\"x\",\"detach\":true}");
        assertThat(plain.openStdin()).isFalse();
        assertThat(plain.terminal()).isNull();
    }

    private static StartRequest good(String body) throws MalformedException {
        return ((ExecRules.Checked.Good) check(body, false)).start();
    }

    private static ExecRules.Checked check(String body, boolean asEvents) throws MalformedException {
        var request = Json.read(body.getBytes(StandardCharsets.UTF_8), SandboxExecRequest.class);
        return ExecRules.check(request, asEvents, false, Optional.empty());
    }
}
