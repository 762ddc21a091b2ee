package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.sandboxd.Endpoint;
import java.util.Arrays;
import java.util.List;

/** Ports of a sandbox that a caller may reach: all but the daemon's. */
final class PortNumber {
    private static final int LAST = 65_535;
    private static final int MOST = 16;

    private PortNumber() {}

    /**
     * @param what names the value in the message, for example {@code parameter port}
     * @throws ApiException 400
     */
    static int parse(String what, String text) {
        int port = text.matches("[1-9][0-9]{0,4}") ? Integer.parseInt(text) : 0;
        if (port < 1 || port > LAST) {
            throw refuse(
                    "%s is \"%s\", expected a number from 1 to %d".formatted(what, Parameters.printable(text), LAST));
        }
        if (port == Endpoint.PORT) {
            throw refuse("%s is %d, the port of the sandbox's daemon, which cannot be reached: choose another one"
                    .formatted(what, port));
        }
        return port;
    }

    /**
     * Ports as {@code pods/portforward} takes them: one or several, separated by commas, in each value.
     *
     * @throws ApiException 400
     */
    static List<Integer> parseAll(String what, List<String> values) {
        var texts = values.stream()
                .flatMap(value -> Arrays.stream(value.split(",", -1)))
                .toList();
        if (texts.size() > MOST) {
            throw refuse(
                    "%s names %d ports, expected at most %d in one connection".formatted(what, texts.size(), MOST));
        }
        return texts.stream().map(text -> parse(what, text)).toList();
    }

    private static ApiException refuse(String message) {
        return new ApiException(new ApiError.BadRequest(message));
    }
}
