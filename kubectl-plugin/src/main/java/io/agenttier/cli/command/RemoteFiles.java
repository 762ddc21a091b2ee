package io.agenttier.cli.command;

import io.agenttier.cli.json.Json;
import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.json.JsonWriter;
import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.ApiPath;
import io.agenttier.cli.transport.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Looks at files of a sandbox and changes their names, through its subresource {@code files}. */
final class RemoteFiles {
    private static final int MAX_ANSWER = 32 * 1024 * 1024;

    /** The most entries that a page may have: each page costs the sandbox a look at the whole folder. */
    private static final int PAGE = 5000;

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
            var call = call(folder).query("list", "true").query("limit", String.valueOf(PAGE));
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

    /** Makes a folder, or gives one that is there these properties. */
    void makeFolder(RemotePath folder, FileProperties properties) throws IOException {
        var body = new LinkedHashMap<String, @Nullable Object>();
        body.put("operation", "mkdir");
        body.put("path", folder.path());
        if (!properties.mode().isEmpty()) {
            body.put("mode", properties.mode());
        }
        properties.modifiedAt().ifPresent(time -> body.put("mtime", time.toString()));
        change(folder, body);
    }

    /** Gives a file another name, whatever bears that now. */
    void replace(RemotePath from, RemotePath to) throws IOException {
        change(from, Map.of("operation", "move", "path", from.path(), "to", to.path(), "overwrite", true));
    }

    /** Takes a file away, if it is there and the server can be asked just now. */
    void tryToRemove(RemotePath file) {
        try (var response = session.lastWords()
                .send(Request.of("DELETE", call(file).toString()).accept("application/json"))) {
            response.bytes(MAX_ANSWER);
        } catch (IOException e) {
            // it is not there, or stays under a name of its own
        }
    }

    private void change(RemotePath path, Map<String, @Nullable Object> body) throws IOException {
        var call = ApiPath.subresource(session.namespace(), path.sandbox(), "files");
        var request = Request.of("POST", call.toString())
                .accept("application/json")
                .body("application/json", JsonWriter.compact(body).getBytes(StandardCharsets.UTF_8));
        try (var response = session.api().send(request)) {
            response.bytes(MAX_ANSWER);
        }
    }

    private Json json(ApiPath call) throws IOException {
        try (var response =
                session.api().send(Request.of("GET", call.toString()).accept("application/json"))) {
            return JsonReader.parse(response.bytes(MAX_ANSWER));
        }
    }
}
