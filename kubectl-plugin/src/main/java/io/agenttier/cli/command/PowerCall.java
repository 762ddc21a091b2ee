package io.agenttier.cli.command;

import io.agenttier.cli.transport.ApiPath;
import io.agenttier.cli.transport.Request;
import java.io.IOException;

/** POST {@code stop} or {@code resume}. */
final class PowerCall {
    private static final int MAX_ANSWER = 1024 * 1024;

    private PowerCall() {}

    static void send(String sandbox, String subresource, Session session) throws IOException {
        var path = ApiPath.subresource(session.namespace(), sandbox, subresource);
        try (var response =
                session.api().send(Request.of("POST", path.toString()).accept("application/json"))) {
            response.bytes(MAX_ANSWER);
        }
    }
}
