package io.agenttier.e2e.integrity;

import io.agenttier.e2e.client.KubeApi;
import java.nio.charset.StandardCharsets;

/**
 * What a client made of a command.
 *
 * @param process id or name of its process; empty if the client does not tell
 * @param cuts how often its connection was cut on the way
 * @param end what it says of the end
 */
public record Outcome(String process, Received stdout, Received stderr, int cuts, End end) {
    Outcome withCuts(int cuts) {
        return new Outcome(process, stdout, stderr, cuts, end);
    }

    public sealed interface End {
        /** @param reason empty from clients that only have an exit code */
        record Ended(String reason, int exitCode) implements End {}

        /** The client was killed, or is one that does not go on after a cut. */
        record Left(boolean killed, String why) implements End {}

        /** From the Status on channel 3, as client-go reads it. */
        static End of(byte[] message) {
            var status = KubeApi.json(new String(message, 1, message.length - 1, StandardCharsets.UTF_8));
            if (status.get("status").asText().equals("Success")) return new Ended("", 0);
            for (var cause : status.at("/details/causes")) {
                if (cause.get("reason").asText().equals("ExitCode")) {
                    return new Ended("", Integer.parseInt(cause.get("message").asText()));
                }
            }
            return new Ended(status.path("reason").asText(), -1);
        }
    }
}
