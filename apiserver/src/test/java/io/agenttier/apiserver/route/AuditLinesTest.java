package io.agenttier.apiserver.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.codec.MalformedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What stands in our audit lines, and what never does. */
class AuditLinesTest {
    private static final String LOG = Aggregator.path("namespaces/team1/sandboxes/web/log");
    private static final Path PAGE = Path.of("../docs/audit.md");

    private static final Scripted CONTENT = new Scripted("log", (_, exchange) -> {
        exchange.note(Note.ARGV, "[\"curl\"]");
        exchange.note(Note.STDIN, "a prompt\n");
        exchange.answer(Answers.text(200, exchange.notesContent() ? "noted" : "kept out"));
    });

    @Test
    void holdNoContentByDefault() throws Exception {
        try (var kube = new Aggregator(CONTENT)) {
            assertThat(kube.as("alice", "GET", LOG).text()).isEqualTo("kept out");
            assertThat(notes(kube)).isEqualTo(Map.of("bytes-response", "8"));
        }
    }

    @Test
    void holdContentForDevelopmentIfItIsAskedFor() throws Exception {
        try (var kube = Aggregator.forDevelopment(CONTENT)) {
            assertThat(kube.as("alice", "GET", LOG).text()).isEqualTo("noted");
            assertThat(notes(kube))
                    .isEqualTo(Map.of("argv", "[\"curl\"]", "stdin", "a prompt\n", "bytes-response", "5"));
        }
    }

    @Test
    void hideTheCommandThatAWebSocketHasInItsQuery() throws Exception {
        var exec = new Scripted("exec", (_, exchange) -> exchange.answer(Answers.text(200, "")));
        try (var kube = new Aggregator(exec)) {
            var path = LOG.replace("/log", "/exec");
            kube.as("alice", "GET", path + "?command=curl&stdin=true&%63ommand=-H%20x&command=&commands=y&command");
            assertThat(Json.object(next(kube)))
                    .containsEntry(
                            "requestURI",
                            path
                                    + "?command=REDACTED&stdin=true&%63ommand=REDACTED&command=REDACTED&commands=y&command");
        }
    }

    @Test
    void surviveNotesOfAnyLengthAndCharacters() throws Exception {
        var strange = new Scripted("log", (_, exchange) -> {
            exchange.note(Note.PATH, "x".repeat(1023) + "\uD83D\uDE00");
            exchange.note(Note.TO, "half \uD83D pair\n");
            exchange.answer(Answers.text(200, ""));
        });
        try (var kube = new Aggregator(strange)) {
            kube.as("alice", "GET", LOG);
            assertThat(notes(kube)).containsEntry("path", "x".repeat(1023)).containsEntry("to", "half ? pair\n");
        }
    }

    @Test
    void tellWhatIsKnownWhenTheClientLeaves() throws Exception {
        var gone = new CountDownLatch(1);
        var endless = new Scripted("log", (_, exchange) -> {
            var body = exchange.body(100).readAllBytes();
            var answer = exchange.stream(200, Map.of("Content-Type", "text/plain"));
            answer.write(body, 0, 3);
            answer.onClientGone(gone::countDown);
            await(gone);
            throw new ClientGoneException();
        });
        try (var kube = new Aggregator(endless)) {
            try (var client = kube.connect(kube.proxy)) {
                client.send("GET " + LOG + " HTTP/1.1\nHost: x\nX-Remote-User: alice\nContent-Length: 5\n\nhello");
                assertThat(client.readHead().status()).isEqualTo(200);
                assertThat(client.chunk()).hasSize(3);
            }
            assertThat(Json.object(next(kube))).containsEntry("stage", "RequestReceived");
            assertThat(Json.object(next(kube))).containsEntry("stage", "ResponseStarted");
            var complete = Json.object(next(kube));
            assertThat(complete).containsEntry("stage", "ResponseComplete");
            assertThat(complete.get("annotations"))
                    .isEqualTo(Map.of(
                            "agenttier.io/bytes-request", "5",
                            "agenttier.io/bytes-response", "3",
                            "agenttier.io/close-reason", "the client left"));
        }
    }

    @Test
    void areExplainedByThePage() throws IOException {
        var page = Files.readString(PAGE);
        for (var note : Note.values()) {
            assertThat(page).contains("`" + note.key() + "`");
        }
    }

    private static byte[] next(Aggregator kube) throws InterruptedException {
        var line = kube.audit.poll(20, TimeUnit.SECONDS);
        assertThat(line).isNotNull();
        return line.getBytes(StandardCharsets.UTF_8);
    }

    /** Annotations of the last line of a call that has no stream, without their prefix. */
    private static Map<String, String> notes(Aggregator kube) throws InterruptedException, MalformedException {
        assertThat(Json.object(next(kube)).get("annotations")).isNull();
        var notes = new HashMap<String, String>();
        if (Json.object(next(kube)).get("annotations") instanceof Map<?, ?> annotations) {
            annotations.forEach(
                    (key, value) -> notes.put(String.valueOf(key).replace("agenttier.io/", ""), String.valueOf(value)));
        }
        return notes;
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
