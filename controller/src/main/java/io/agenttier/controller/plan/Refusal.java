package io.agenttier.controller.plan;

/**
 * The API server's answer to a write that it did not do.
 *
 * @param code HTTP status
 * @param reason of the {@code Status}, for example {@code AlreadyExists}
 * @param message for people, from the server; may name the object and the cause
 * @param namespaceEnding true if the namespace is being deleted, so that nothing can be created in it any more
 */
public record Refusal(int code, String reason, String message, boolean namespaceEnding) {
    public boolean alreadyExists() {
        return reason.equals("AlreadyExists");
    }

    public boolean notFound() {
        return code == 404;
    }

    /** The object changed, or is another one than was meant: read the world again. */
    public boolean conflict() {
        return code == 409 && !alreadyExists();
    }

    /** The server, not the object, is the cause: worth another try as it is. */
    public boolean passing() {
        return code == 429 || code >= 500;
    }
}
