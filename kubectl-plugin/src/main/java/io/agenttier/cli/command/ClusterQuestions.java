package io.agenttier.cli.command;

import io.agenttier.cli.doctor.Answer;
import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.transport.ApiClient;
import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.Request;
import io.agenttier.cli.transport.UnreachableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Asks once and takes whatever comes for an answer; it never waits to repeat a call. */
final class ClusterQuestions {
    private static final int MAX_ANSWER = 16 * 1024 * 1024;

    private final ApiClient api;

    ClusterQuestions(Session session) throws IOException {
        this.api = session.lastWords();
    }

    /**
     * @param right what it takes, for people
     * @throws UnreachableException if there is no server
     */
    Answer get(String path, String right) throws UnreachableException {
        return ask(Request.of("GET", path).accept("application/json"), right);
    }

    /** As {@link #get}. */
    Answer post(String path, String json, String right) throws UnreachableException {
        var body = json.getBytes(StandardCharsets.UTF_8);
        return ask(Request.of("POST", path).accept("application/json").body("application/json", body), right);
    }

    private Answer ask(Request request, String right) throws UnreachableException {
        try (var response = api.send(request)) {
            return new Answer.Found(JsonReader.parse(response.bytes(MAX_ANSWER)));
        } catch (UnreachableException e) {
            throw e;
        } catch (ApiException e) {
            return switch (e.failure().code()) {
                case 403 -> new Answer.Forbidden(right);
                case 404 -> new Answer.Missing();
                default -> new Answer.Failed(e.failure().sentence());
            };
        } catch (IOException e) {
            return new Answer.Failed(Explanation.of(e));
        }
    }
}
