package io.agenttier.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.cli.json.JsonReader;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ChannelStatusTest {
    private static ExecOutcome of(String status) throws IOException {
        return ChannelStatus.outcome(JsonReader.parse(status));
    }

    private static String nonZero(String code) {
        return """
                {"status":"Failure","reason":"NonZeroExitCode","message":"said","details":{"causes":[{"reason":"ExitCode","message":"%s"}]}}""".formatted(code);
    }

    @Test
    void onlySuccessIsSuccess() throws IOException {
        assertThat(of("{\"status\":\"Success\"}").exitCode()).isZero();
        assertThat(of("{}").exitCode()).isEqualTo(1);
        assertThat(of(nonZero("0")).exitCode()).isEqualTo(1);
        assertThat(of(nonZero("256")).exitCode()).isEqualTo(1);
        assertThat(of(nonZero("-1")).exitCode()).isEqualTo(1);
    }

    @Test
    void codesOfCommandsAreOursAndThoseOfSignalsAreExplained() throws IOException {
        assertThat(of(nonZero("3")).exitCode()).isEqualTo(3);
        assertThat(of(nonZero("3")).message()).isEmpty();
        assertThat(of(nonZero("137")).message()).contains("said");
    }

    @Test
    void aLostOutcomeIsNoNumberOfTheCommand() throws IOException {
        var lost = of("{\"status\":\"Failure\",\"reason\":\"Lost\",\"message\":\"the pod is gone\"}");
        assertThat(lost.exitCode()).isEqualTo(1);
        assertThat(lost.message()).contains("lost: the pod is gone");
    }
}
