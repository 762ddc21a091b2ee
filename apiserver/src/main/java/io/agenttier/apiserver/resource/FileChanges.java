package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.resource.DaemonErrors.Subject;
import io.agenttier.apiserver.route.Answer;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.route.RequestDocument;
import io.agenttier.apiserver.sandboxd.Caller;
import io.agenttier.apiserver.sandboxd.FileChange;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Makes, moves and removes files: POST and DELETE of {@code files}. */
final class FileChanges {
    private static final long BODY_BYTES = 64 * 1024;
    private static final byte[] NO_BODY = {};

    private final SandboxAccess access;
    private final SandboxdClient client;

    FileChanges(SandboxAccess access, SandboxdClient client) {
        this.access = access;
        this.client = client;
    }

    void change(Call call, Exchange exchange) throws IOException {
        var request = RequestDocument.read(call, exchange, BODY_BYTES, SandboxFileRequest.class);
        var change = switch (FileRules.check(request)) {
            case FileRules.Checked.Good good -> good.change();
            case FileRules.Checked.Bad bad -> throw invalid(call, bad.causes());
        };
        var path = switch (change) {
            case FileChange.MakeFolder folder -> folder.path();
            case FileChange.Move move -> move.path();
            case FileChange.Remove remove -> remove.path();
        };
        exchange.note(Note.OPERATION, String.valueOf(request.operation()));
        exchange.note(Note.PATH, Parameters.printable(path));
        if (change instanceof FileChange.Move move) {
            exchange.note(Note.TO, Parameters.printable(move.to()));
        }
        var caller = Caller.of(call.user().name());
        var place = access.ask(
                call,
                Use.of("files"),
                new Subject("files", path),
                endpoint -> client.changeFile(endpoint, caller, change));
        var document = Documents.of("SandboxFileResponse");
        document.put("path", place);
        exchange.answer(Documents.answer(call, 200, document));
    }

    /** @param path checked, not empty */
    void remove(Call call, Exchange exchange, String path) throws IOException {
        var remove = new FileChange.Remove(path, Parameters.flag(call, "recursive"));
        exchange.note(Note.OPERATION, "remove");
        var caller = Caller.of(call.user().name());
        var _ = access.ask(call, Use.of("files"), new Subject("files", path), endpoint -> {
            client.removeFile(endpoint, caller, remove);
            return true;
        });
        exchange.answer(new Answer(204, Map.of(), NO_BODY));
    }

    private static ApiException invalid(Call call, List<ApiError.Cause> causes) {
        return new ApiException(new ApiError.Invalid(SandboxFileRequest.KIND, call.name(), causes));
    }
}
