package io.agenttier.apiserver.sandboxd;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever a pod says: an answer or an {@link IOException}, never another exception, never a hang. */
@Timeout(60)
class HostileInputTest {
    private static final String GOOD_HEAD =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nETag: \"x\"\r\n\r\n";

    @Test
    void headsThatAreAlmostRight() {
        for (int seed = 0; seed < 20_000; seed++) {
            var random = new Random(seed);
            var bytes = GOOD_HEAD.getBytes(StandardCharsets.ISO_8859_1);
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            assertThatCode(() -> tolerated(() -> ResponseHead.read(in(bytes)).framing()))
                    .as("seed %d", seed)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void headsOfAPortThatAreAlmostRight() {
        for (int seed = 0; seed < 20_000; seed++) {
            var random = new Random(seed);
            var bytes = GOOD_HEAD.getBytes(StandardCharsets.ISO_8859_1);
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            assertThatCode(() -> tolerated(() -> PortHead.read(in(bytes)).framing(random.nextBoolean())))
                    .as("seed %d", seed)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void chunksOfAnyBytes() {
        for (int seed = 0; seed < 20_000; seed++) {
            var random = new Random(seed);
            var bytes = "3\r\nabc\r\n10;x=y\r\n0123456789abcdef\r\n0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            assertThatCode(() -> tolerated(() -> new ChunkedBody(in(bytes)).readAllBytes()))
                    .as("seed %d", seed)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void documentsWithAnyValueAnywhere() {
        var values = List.of("null", "true", "-1", "1e9", "99999999999999999999", "\"\"", "\"x\"", "[]", "{}", "[[]]");
        var process =
                FakeSandboxd.process("exec").replace("\"exit\":null", "\"exit\":" + FakeSandboxd.EXITED.formatted(1));
        for (var key : List.of(
                "id", "class", "name", "startedAt", "running", "exit", "offset", "outcome", "code", "endedAt")) {
            for (var value : values) {
                var broken = process.replaceFirst(
                        "\"%s\":(?:\\{[^}]*\\}|\"[^\"]*\"|[^,}]*)".formatted(key), "\"%s\":%s".formatted(key, value));
                assertThatCode(() -> tolerated(
                                () -> ProcessInfo.from(Fields.parse(broken.getBytes(StandardCharsets.UTF_8)))))
                        .as(broken)
                        .doesNotThrowAnyException();
            }
        }
    }

    @Test
    void streamsOfAnyBytes() throws IOException {
        var authority = new PodAuthority();
        var signer = authority.signer();
        try (var pod = new FakeSandboxd(authority);
                var client = new SandboxdClient(
                        () -> Optional.of(signer), InstantSource.system(), new PodBound(100, () -> {}))) {
            for (int seed = 0; seed < 200; seed++) {
                var random = new Random(seed);
                var noise = new byte[1 + random.nextInt(40)];
                random.nextBytes(noise);
                noise[0] = (byte) "oejk".charAt(random.nextInt(4));
                if (noise.length > 5 && random.nextBoolean()) {
                    noise[1] = 0;
                    noise[2] = 0;
                    noise[3] = 0;
                    noise[4] = (byte) (noise.length - 5);
                }
                pod.next((asked, to) -> {
                    to.frames().chunk(noise);
                    to.cut();
                });
                assertThatCode(() -> tolerated(() -> {
                            var log = new LogRequest("x", Optional.empty(), 0, true);
                            try (var frames = client.log(pod.endpoint(), Caller.of("alice"), log)) {
                                while (frames.next().isPresent()) {
                                    frames.position();
                                }
                            }
                            return Duration.ZERO;
                        }))
                        .as("seed %d", seed)
                        .doesNotThrowAnyException();
            }
        }
    }

    private interface Reading {
        Object read() throws IOException;
    }

    private static void tolerated(Reading reading) {
        try {
            reading.read();
        } catch (IOException e) {
            // what a broken answer should be
        }
    }

    private static WireInput in(byte[] bytes) {
        return new WireInput(new ByteArrayInputStream(bytes));
    }
}
