package io.agenttier.cli.transport;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One call; immutable, except that the body is not copied. */
public final class Request {
    /** A little more than kube-apiserver's 60 s and the 15 s that it may queue a call. */
    public static final Duration UNARY = Duration.ofSeconds(90);

    private final String method;
    private final String path;
    private final List<Header> headers;
    private final Content body;
    private final boolean hasBody;
    private final Duration headWithin;
    private final Duration silence;

    private Request(
            String method,
            String path,
            List<Header> headers,
            Content body,
            boolean hasBody,
            Duration headWithin,
            Duration silence) {
        this.method = method;
        this.path = path;
        this.headers = List.copyOf(headers);
        this.body = body;
        this.hasBody = hasBody;
        this.headWithin = headWithin;
        this.silence = silence;
    }

    /** @param path with its query, percent-encoded, beginning with a slash */
    public static Request of(String method, String path) {
        return new Request(method, path, List.of(), Content.of(new byte[0]), false, UNARY, UNARY);
    }

    public Request accept(String mediaTypes) {
        return header("Accept", mediaTypes);
    }

    public Request header(String name, String value) {
        var all = new ArrayList<>(headers);
        all.add(new Header(name, value));
        return new Request(method, path, all, body, hasBody, headWithin, silence);
    }

    /** @param content must not change until the call is over */
    public Request body(String mediaType, byte[] content) {
        return body(mediaType, Content.of(content));
    }

    public Request body(String mediaType, Content content) {
        return new Request(method, path, headers, content, true, headWithin, silence).header("Content-Type", mediaType);
    }

    /**
     * @param head how long the answer may take to begin
     * @param pause how long it may pause once it has begun
     */
    public Request within(Duration head, Duration pause) {
        return new Request(method, path, headers, body, hasBody, head, pause);
    }

    String method() {
        return method;
    }

    String path() {
        return path;
    }

    List<Header> headers() {
        return headers;
    }

    Content body() {
        return body;
    }

    /** Whether a length is announced: also for POST and PUT with nothing to send. */
    boolean hasBody() {
        return hasBody || method.equals("POST") || method.equals("PUT");
    }

    /** Whether it asks for another protocol on the same connection. */
    boolean isUpgrade() {
        return headers.stream().anyMatch(header -> header.name().equals("Upgrade"));
    }

    Duration headWithin() {
        return headWithin;
    }

    Duration silence() {
        return silence;
    }

    /** Without headers and body, which may hold secrets. */
    @Override
    public String toString() {
        return method + " " + path;
    }
}
