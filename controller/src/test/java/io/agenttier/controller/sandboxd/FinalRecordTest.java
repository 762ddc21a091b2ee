package io.agenttier.controller.sandboxd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FinalRecordTest {
    @Test
    void readsTheRecordOfTheProtocol() {
        var text =
                "{\"sandboxd\":1,\"reason\":\"CommandExited\",\"code\":143,\"signal\":\"TERM\",\"message\":\"m\",\"new\":[1]}";
        assertThat(FinalRecord.parse(text))
                .contains(new FinalRecord(FinalRecord.Reason.COMMAND_EXITED, 143, "TERM", "m", Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "Segmentation fault",
                "{\"reason\":\"CommandExited\",\"code\":0}",
                "{\"sandboxd\":2,\"reason\":\"CommandExited\",\"code\":0}",
                "{\"sandboxd\":1,\"reason\":\"SomethingNew\",\"code\":0}",
                "{\"sandboxd\":1,\"reason\":\"CommandExited\"}",
                "{\"sandboxd\":1,\"reason\":\"CommandExited\",\"code\":\"x\"}",
                "{\"sandboxd\":1,\"reason\":\"CommandExited\",\"code\":0"
            })
    void anythingElseIsNoRecord(String text) {
        assertThat(FinalRecord.parse(text)).isEmpty();
    }

    @Test
    void absentOrHugeMessageIsNoRecord() {
        assertThat(FinalRecord.parse(null)).isEmpty();
        var padding = "x".repeat(20_000);
        assertThat(FinalRecord.parse(
                        "{\"sandboxd\":1,\"reason\":\"CommandExited\",\"code\":0,\"message\":\"" + padding + "\"}"))
                .isEmpty();
    }

    @Test
    void tellsHowTheLastHookWentAndDoubtsWhatIsNoRecord() {
        var start = "{\"sandboxd\":1,\"reason\":\"Terminated\",\"code\":0,\"signal\":\"\",\"message\":\"\",\"onStop\":";
        assertThat(FinalRecord.parse(
                        start + "{\"exit\":{\"outcome\":\"exited\",\"code\":3},\"tail\":\"no \\u001bdisk\\n\"}}"))
                .flatMap(FinalRecord::onStop)
                .contains(new HookResult(HookResult.Outcome.FAILED, "exited with code 3: no  disk"));
        assertThat(FinalRecord.parse(start + "{\"exit\":{\"outcome\":\"vanished\"}}}"))
                .hasValueSatisfying(r -> assertThat(r.onStop()).isEmpty());
        assertThat(FinalRecord.parse(start + "7}"))
                .hasValueSatisfying(r -> assertThat(r.onStop()).isEmpty());
    }
}
