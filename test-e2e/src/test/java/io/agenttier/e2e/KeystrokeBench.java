package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.client.Timings;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.PlainPod;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * How long a typed character takes until its echo is there, by {@code attach} to a terminal and by {@code pods/exec} with one, in turns. Writes
 * {@code build/bench/keystrokes.md}; judges the ratio only. Our target is a median of 3 ms (design §8).
 */
@Tag("bench")
@ExtendWith(ClusterExtension.class)
class KeystrokeBench {
    private static final int WARMING = 500;
    private static final int ROUNDS = 2000;
    /** Characters until Enter: a terminal's line holds 4,095. */
    private static final int LINE = 80;

    private static final String V5 = "v5.channel.k8s.io";

    @Test
    void echoBesidePodsExec(TestNamespace namespace) throws Exception {
        var sandbox = namespace.ready();
        var pod = PlainPod.sleeping(namespace, "bare");
        var id = namespace
                .api()
                .post(
                        namespace.path(sandbox, "exec"),
                        Map.of("command", List.of("cat"), "tty", true, "openStdin", true, "detach", true))
                .json()
                .get("process")
                .asText();
        var reference = "/api/v1/namespaces/" + namespace.name() + "/pods/" + pod.name()
                + "/exec?tty=true&stdin=true&stdout=true&command=cat";
        try (var ours = new Terminal(namespace.api(), namespace.path(sandbox, "attach?stdin=true&process=" + id));
                var theirs = new Terminal(namespace.api(), reference)) {
            for (var i = 0; i < WARMING; i++) {
                ours.type(i);
                theirs.type(i);
            }
            var oursTimes = new Timings();
            var theirTimes = new Timings();
            for (var i = 0; i < ROUNDS; i++) {
                var key = i;
                oursTimes.add(() -> ours.type(key));
                theirTimes.add(() -> theirs.type(key));
            }
            var table = """
                    | echo of a typed character, %d each | p50 | p99 |
                    |---|---|---|
                    | `sandboxes/attach` | %s ms | %s ms |
                    | `pods/exec` | %s ms | %s ms |
                    """.formatted(
                            ROUNDS, oursTimes.at(0.5), oursTimes.at(0.99), theirTimes.at(0.5), theirTimes.at(0.99));
            System.out.println(table);
            Files.createDirectories(Path.of("build/bench"));
            Files.writeString(Path.of("build/bench/keystrokes.md"), table);
            assertThat(oursTimes.quantile(0.5)).as("beside twice pods/exec").isLessThan(2 * theirTimes.quantile(0.5));
        }
    }

    /** A terminal in which {@code cat} runs: what is typed comes back at once, a line once more at its end. */
    private static final class Terminal extends WebSocketListener implements AutoCloseable {
        private final LinkedBlockingQueue<ByteString> shown = new LinkedBlockingQueue<>();
        private final WebSocket socket;
        private volatile @Nullable Throwable failure;

        Terminal(KubeApi api, String path) {
            socket = api.socket(path, V5, this);
        }

        /** Types the character and waits until it is shown. */
        Terminal type(int number) throws InterruptedException {
            var enter = number % LINE == LINE - 1;
            var key = enter ? '\r' : (char) ('a' + number % 26);
            var line = new StringBuilder();
            socket.send(ByteString.of((byte) 0, (byte) key));
            var wanted = enter ? LINE + 3 : 1; // CR LF, the line again, CR LF
            while (line.length() < wanted) {
                var message = shown.poll(30, TimeUnit.SECONDS);
                if (message == null) throw new AssertionError("no echo of key " + number + "; " + failure);
                line.append(message.substring(1).utf8());
            }
            if (!enter && line.charAt(0) != key) {
                throw new AssertionError("key " + number + ": expected " + key + ", shown " + line);
            }
            return this;
        }

        @Override
        public void onMessage(WebSocket socket, ByteString message) {
            if (message.size() > 1 && message.getByte(0) == 1) shown.add(message);
        }

        @Override
        public void onFailure(WebSocket socket, Throwable cause, @Nullable Response answer) {
            failure = answer == null ? cause : new IllegalStateException(answer.toString(), cause);
        }

        @Override
        public void close() {
            socket.close(1000, null);
        }
    }
}
