package io.agenttier.cli.command;

import io.agenttier.cli.json.Json;
import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.ApiPath;
import io.agenttier.cli.transport.Request;
import java.io.IOException;
import java.util.Optional;

/** Looks at files of a sandbox through its subresource {@code files}. */
final class RemoteFiles {
    private static final int MAX_ANSWER = 32 * 1024 * 1024;

    private final Session session;

    RemoteFiles(Session session) {
        this.session = session;
    }

    interface Visitor {
        void visit(RemoteEntry entry) throws IOException;
    }

    ApiPath call(RemotePath path) throws IOException {
        return ApiPath.subresource(session.namespace(), path.sandbox(), "files").query("path", path.path());
    }

    /** Empty if there is nothing at that path; a link is shown itself. */
    Optional<RemoteEntry> stat(RemotePath path) throws IOException {
        try {
            return Optional.of(RemoteEntry.of(json(call(path).query("stat", "true"))));
        } catch (ApiException e) {
            if (e.failure().code() == 404 && e.failure().message().contains("does not exist")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** All entries of a folder, page by page. */
    void list(RemotePath folder, Visitor visitor) throws IOException {
        for (var next = ""; ; ) {
            var call = call(folder).query("list", "true");
            var page = json(next.isEmpty() ? call : call.query("continue", next));
            for (var entry : page.at("entries").items()) {
                visitor.visit(RemoteEntry.of(entry));
            }
            var more = page.at("continue").textOrEmpty();
            if (more.isEmpty()) {
                return;
            }
            if (more.equals(next)) {
                throw new FailedException("%s: the server gives the same page again and again".formatted(folder));
            }
            next = more;
        }
    }

    private Json json(ApiPath call) throws IOException {
        try (var response =
                session.api().send(Request.of("GET", call.toString()).accept("application/json"))) {
            return JsonReader.parse(response.bytes(MAX_ANSWER));
        }
    }
}
