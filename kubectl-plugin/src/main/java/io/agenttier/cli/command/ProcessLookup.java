package io.agenttier.cli.command;

import io.agenttier.cli.json.Json;
import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.transport.ApiClient;
import io.agenttier.cli.transport.Request;
import java.io.IOException;

/** What the server says about one process. */
final class ProcessLookup {
    private static final int MAX_ANSWER = 32 * 1024 * 1024;

    private ProcessLookup() {}

    /** @throws FailedException if the sandbox does not know it */
    static Json find(SandboxProcess process, ApiClient api) throws IOException {
        var path = process.subresource("processes").query("process", process.id());
        try (var response = api.send(Request.of("GET", path.toString()).accept("application/json"))) {
            for (var item :
                    JsonReader.parse(response.bytes(MAX_ANSWER)).at("items").items()) {
                var id = item.at("id").textOrEmpty();
                if (id.equals(process.id()) || id.endsWith("." + process.id())) {
                    return item;
                }
            }
        }
        throw new FailedException(
                "process %s is not known; see kubectl sandbox ps %s".formatted(process.id(), process.sandbox()));
    }
}
