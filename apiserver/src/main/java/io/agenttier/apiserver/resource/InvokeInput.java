package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.resource.InvokeRules.Content;
import io.agenttier.apiserver.resource.InvokeRules.Wanted;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.RequestDocument;
import io.agenttier.apiserver.sandboxd.Attachment;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** What an invocation gets: an envelope, or a body that is standard input. */
sealed interface InvokeInput {
    /** A body up to this length goes with the start: one round trip. */
    int INLINE_BYTES = 256 * 1024;

    Wanted wanted();

    /** All of it is here. */
    record Whole(Wanted wanted, Content content) implements InvokeInput {}

    /**
     * Standard input that comes after the start.
     *
     * @param body ends with 413 beyond the limit
     */
    record Streamed(Wanted wanted, InputStream body) implements InvokeInput {
        /**
         * Sends it all.
         *
         * @param notes counts what was sent
         * @throws ApiException 413
         * @throws IOException the client went away, or the connection to the sandbox broke
         */
        void sendTo(Attachment attachment, StdinNotes notes) throws IOException {
            var block = new byte[64 * 1024];
            try (body) {
                for (int count = body.read(block); count >= 0; count = body.read(block)) {
                    attachment.stdin(block, 0, count);
                    notes.add(block, 0, count);
                }
            } finally {
                notes.write();
            }
            attachment.closeStdin();
        }
    }

    /** A body that is too long by its own account: it is not read. */
    record TooLong(Wanted wanted, long bytes, long maxBytes) implements InvokeInput {}

    /**
     * Reads what must be whole before the start: an envelope, a short body, and that of a call which may be repeated, since the repetition
     * must be the same.
     *
     * @param mayRepeat the call has an idempotency key
     * @throws ApiException 400, 413 or 422 for what is wrong in it
     */
    static InvokeInput read(
            Call call, Exchange exchange, Wanted wanted, boolean mayRepeat, long maxBytes, MemoryBudget.Share memory)
            throws IOException {
        boolean envelope = isEnvelope(call);
        long most = envelope ? maxBytes * 3 / 2 : maxBytes;
        var length = exchange.contentLength();
        if (length.isPresent() && length.getAsLong() > most) {
            return new TooLong(wanted, length.getAsLong(), maxBytes);
        }
        boolean isShort = length.isPresent() && length.getAsLong() <= INLINE_BYTES;
        if (!envelope && !isShort && !mayRepeat) {
            return new Streamed(wanted, exchange.body(maxBytes));
        }
        var body = new MeteredBody(exchange.body(most), memory, call.name());
        if (envelope) {
            var request = RequestDocument.readJson(body, SandboxInvokeRequest.class);
            return new Whole(InvokeRules.wanted(call, wanted, request), InvokeRules.content(call, request, maxBytes));
        }
        try (body) {
            var stdin = InvokeRules.base64(body.readAllBytes());
            return new Whole(wanted, new Content(List.of(), stdin));
        }
    }

    private static boolean isEnvelope(Call call) {
        var type = call.header("content-type").orElse("");
        return type.split(";", 2)[0].strip().equalsIgnoreCase(SandboxInvokeRequest.MEDIA_TYPE);
    }

    /** The connection broke while standard input was on its way, which nobody can send once more. */
    static ApiException broken(Call call, String invokeId) {
        return new ApiException(new ApiError.Unavailable(
                "the connection to sandbox \"%s\" broke while standard input was sent: invocation \"%s\" was canceled, try again"
                        .formatted(call.name(), invokeId)));
    }
}
