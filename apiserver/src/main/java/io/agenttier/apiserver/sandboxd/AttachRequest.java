package io.agenttier.apiserver.sandboxd;

/**
 * A process to attach to.
 *
 * @param process id, or a name in the present incarnation
 * @param offset of the first byte of output, both streams in order of arrival
 * @param stdin to write to it as well
 * @param takeover take stdin from another client that holds it
 */
public record AttachRequest(String process, long offset, boolean stdin, boolean takeover) {
    String target() {
        return "/v1/processes/%s/attach?offset=%d&stdin=%b&takeover=%b"
                .formatted(Request.encode(process), offset, stdin, takeover);
    }
}
