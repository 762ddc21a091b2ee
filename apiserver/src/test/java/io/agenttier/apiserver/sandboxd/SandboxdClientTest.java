package io.agenttier.apiserver.sandboxd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SandboxdClientTest {
    private static final PodAuthority CA = new PodAuthority();
    private static final Signer SIGNER = CA.signer();
    private static final Caller ALICE = Caller.of("alice");
    private static final StartRequest TRUE =
            new StartRequest(null, List.of("true"), "", Map.of(), "", "", 0, false, false, false, null);
    private static final LogRequest LOG = new LogRequest(FakeSandboxd.PROCESS, Optional.empty(), 0, true);

    private final FakeSandboxd pod = new FakeSandboxd(CA);
    private final SandboxdClient client =
            new SandboxdClient(() -> Optional.of(SIGNER), InstantSource.system(), new PodBound(100, () -> {}));

    @AfterEach
    void close() throws IOException {
        client.close();
        pod.close();
    }

    @Test
    void deliversOutputAndExitRecordInOrder() throws IOException {
        pod.next((asked, to) ->
                to.frames().output('o', 0, "out").output('e', 3, "err").exited(6, 42));
        try (var frames = client.startAndWatch(pod.endpoint(), ALICE, TRUE)) {
            assertThat(frames.next().orElseThrow()).isInstanceOf(Frame.Started.class);
            assertThat(((Frame.Output) frames.next().orElseThrow()).bytes())
                    .asString()
                    .isEqualTo("out");
            assertThat(((Frame.Output) frames.next().orElseThrow()).stream()).isEqualTo(Stream.STDERR);
            var exit = (Frame.Exited) frames.next().orElseThrow();
            assertThat(exit.exit().outcome()).isEqualTo(new ExitRecord.Exited(42));
            assertThat(exit.offset()).isEqualTo(6);
            assertThat(frames.next()).isEmpty();
        }
        assertThat(pod.asked.getFirst().target()).isEqualTo("/v1/processes?watch=true");
        assertThat(pod.asked.getFirst().text()).contains("\"argv\":[\"true\"]", "\"class\":\"exec\"");
    }

    @Test
    void usesOneConnectionForCallsOneAfterTheOther() throws IOException {
        for (int i = 0; i < 3; i++) {
            pod.next((asked, to) -> to.frames().exited(0, 0));
            try (var frames = client.startAndWatch(pod.endpoint(), ALICE, TRUE)) {
                while (frames.next().orElseThrow() instanceof Frame.Started) {
                    // until the exit record
                }
            }
        }
        assertThat(pod.connections).hasValue(1);
    }

    @Test
    void readsAgainOnANewConnectionWhenTheOldOneWasClosedMeanwhile() throws IOException {
        pod.next((asked, to) -> to.json(200, "{\"items\":[]}"));
        client.processes(pod.endpoint(), ALICE);
        pod.next((asked, to) -> to.cut());
        pod.next((asked, to) -> to.json(200, "{\"items\":[%s]}".formatted(FakeSandboxd.process("exec"))));
        assertThat(client.processes(pod.endpoint(), ALICE))
                .extracting(ProcessInfo::type)
                .containsExactly(ProcessClass.EXEC);
    }

    @Test
    void neverStartsAProcessTwiceWhenTheAnswerIsMissing() throws IOException {
        pod.next((asked, to) -> to.json(200, "{\"items\":[]}"));
        client.processes(pod.endpoint(), ALICE);
        pod.next((asked, to) -> to.cut());
        assertThatThrownBy(() -> client.startAndWatch(pod.endpoint(), ALICE, TRUE))
                .isInstanceOfSatisfying(
                        UnreachableException.class,
                        e -> assertThat(e.nothingSent()).isFalse());
        assertThat(pod.asked).hasSize(2);
    }

    @Test
    void startsOnANewConnectionWhenTheIdleOneHasSaidGoodbye() throws Exception {
        pod.next((asked, to) -> to.json(200, "{\"items\":[]}"));
        client.processes(pod.endpoint(), ALICE);
        pod.dropConnections();
        await().until(() -> {
            pod.next((asked, to) -> to.json(201, FakeSandboxd.process("exec")));
            return client.start(pod.endpoint(), ALICE, TRUE).id().equals(FakeSandboxd.PROCESS);
        });
        assertThat(pod.connections).hasValue(2);
    }

    @Test
    void refusesAPodThatHasTheCertificateOfAnotherIncarnation() throws IOException {
        try (var other = new FakeSandboxd(CA, "ffffffff")) {
            var endpoint = other.endpoint();
            assertThatThrownBy(() -> client.processes(endpoint, ALICE))
                    .isInstanceOfSatisfying(
                            UnreachableException.class,
                            e -> assertThat(e.nothingSent()).isTrue())
                    .hasMessageContaining("not that of this incarnation");
            assertThat(other.asked).isEmpty();
        }
    }

    @Test
    void refusesAPodOfAnotherAuthority() throws IOException {
        try (var other = new FakeSandboxd(new PodAuthority())) {
            var endpoint = other.endpoint();
            assertThatThrownBy(() -> client.processes(endpoint, ALICE)).isInstanceOf(UnreachableException.class);
            assertThat(other.asked).isEmpty();
        }
    }

    @Test
    void trustsPodsOfTheOldAuthorityWhileItIsBeingReplaced() throws IOException {
        var both = new Signer(
                SIGNER.key(), SIGNER.certificate(), List.of(new PodAuthority().certificate(), CA.certificate()));
        try (var careful =
                new SandboxdClient(() -> Optional.of(both), InstantSource.system(), new PodBound(100, () -> {}))) {
            pod.next((asked, to) -> to.json(200, "{\"items\":[]}"));
            assertThat(careful.processes(pod.endpoint(), ALICE)).isEmpty();
        }
    }

    @Test
    void saysThatNothingListens() throws IOException {
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        var nobody = new Endpoint("127.0.0.1", port, FakeSandboxd.INCARNATION);
        assertThatThrownBy(() -> client.processes(nobody, ALICE))
                .isInstanceOf(UnreachableException.class)
                .hasMessage("the connection was refused");
    }

    @Test
    void asksNobodyWithoutASigner() throws IOException {
        try (var early = new SandboxdClient(Optional::empty, InstantSource.system(), new PodBound(100, () -> {}))) {
            assertThatThrownBy(() -> early.processes(pod.endpoint(), ALICE))
                    .isInstanceOf(UnreachableException.class)
                    .hasMessageContaining("no signing certificate");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.0 200 OK\r\nAgentTier-Protocol: 1\r\nContent-Length: 2\r\n\r\n{}",
                "HTTP/1.1 200 OK\nAgentTier-Protocol: 1\nContent-Length: 2\n\n{}",
                "HTTP/1.1 99 X\r\n\r\n",
                "HTTP/1.1 2000 X\r\n\r\n",
                "nonsense\r\n\r\n",
                "HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nAgentTier-Protocol: 2\r\nContent-Length: 2\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nContent-Length: -2\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nX:\u0001\r\nContent-Length: 2\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\n folded\r\nContent-Length: 2\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nContent-Length : 2\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
                "HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nContent-Length: 2\r\n\r\n[]",
                "HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nContent-Length: 11\r\n\r\n{\"items\":7}",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\n",
            })
    void takesNoAnswerThatNoSandboxdGives(String answer) {
        pod.next((asked, to) -> {
            to.raw(answer);
            to.awaitCut();
        });
        assertThatThrownBy(() -> client.processes(pod.endpoint(), ALICE)).isInstanceOf(MisbehavedException.class);
    }

    @Test
    void refusesHeadersWithoutEnd() {
        pod.next((asked, to) -> {
            to.raw("HTTP/1.1 200 OK\r\n");
            for (int i = 0; i < 100; i++) {
                to.raw("X-%d: y\r\n".formatted(i));
            }
            to.awaitCut();
        });
        assertThatThrownBy(() -> client.processes(pod.endpoint(), ALICE))
                .isInstanceOf(MisbehavedException.class)
                .hasMessage("more than 64 header fields");
    }

    @Test
    void refusesALineWithoutEnd() {
        pod.next((asked, to) -> {
            to.raw("HTTP/1.1 200 OK\r\nX: " + "y".repeat(20_000));
            to.awaitCut();
        });
        assertThatThrownBy(() -> client.processes(pod.endpoint(), ALICE))
                .isInstanceOf(MisbehavedException.class)
                .hasMessage("a line of the answer is longer than 8192 bytes");
    }

    @Test
    void refusesADocumentThatIsTooLong() {
        pod.next((asked, to) -> {
            to.raw("HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nContent-Length: 9000000\r\n\r\n");
            to.raw(new byte[9_000_000]);
        });
        assertThatThrownBy(() -> client.processes(pod.endpoint(), ALICE))
                .isInstanceOf(MisbehavedException.class)
                .hasMessageContaining("longer than");
    }

    @Test
    void seesAStreamThatIsCutWithinAFrame() throws IOException {
        pod.next((asked, to) -> {
            var frame = FakeSandboxd.frame('o', new byte[100]);
            to.frames().chunk(Arrays.copyOf(frame, 50));
            to.cut();
        });
        try (var frames = client.log(pod.endpoint(), ALICE, LOG)) {
            frames.next();
            assertThatThrownBy(frames::next).isInstanceOf(IOException.class).isNotInstanceOf(MisbehavedException.class);
        }
    }

    @Test
    void seesAStreamThatEndsProperlyWithinAFrame() throws IOException {
        pod.next((asked, to) -> {
            to.frames().chunk(new byte[] {'o', 0}).chunk(new byte[0]);
        });
        try (var frames = client.log(pod.endpoint(), ALICE, LOG)) {
            frames.next();
            assertThatThrownBy(frames::next).hasMessage("the stream ended within a frame");
        }
    }

    @Test
    void refusesAFrameLargerThanAMebibyte() throws IOException {
        pod.next((asked, to) -> {
            to.frames().chunk(new byte[] {'o', 0, 0x10, 0, 1});
            to.awaitCut();
        });
        try (var frames = client.log(pod.endpoint(), ALICE, LOG)) {
            frames.next();
            assertThatThrownBy(frames::next).isInstanceOf(MisbehavedException.class);
        }
    }

    @Test
    void refusesOffsetsThatGoBack() throws IOException {
        pod.next((asked, to) -> {
            to.frames().output('o', 10, "abc").output('o', 12, "x");
            to.awaitCut();
        });
        try (var frames = client.log(pod.endpoint(), ALICE, LOG)) {
            frames.next();
            frames.next();
            assertThatThrownBy(frames::next).isInstanceOf(MisbehavedException.class);
        }
    }

    @Test
    void refusesAnUnknownOutcome() throws IOException {
        pod.next((asked, to) -> {
            to.frames().exit(0, "{\"outcome\":\"fine\",\"endedAt\":\"2026-01-01T00:00:01Z\"}");
            to.awaitCut();
        });
        try (var frames = client.log(pod.endpoint(), ALICE, LOG)) {
            frames.next();
            assertThatThrownBy(frames::next).isInstanceOf(MisbehavedException.class);
        }
    }

    @Test
    void cutsTheConnectionOfAReaderThatLeaves() throws Exception {
        var cut = new CountDownLatch(1);
        pod.next((asked, to) -> {
            to.frames();
            to.awaitCut();
            cut.countDown();
        });
        try (var frames = client.startAndWatch(pod.endpoint(), ALICE, TRUE)) {
            frames.next();
        }
        assertThat(cut.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void passesOnWhatTheDaemonRefused() {
        pod.next((asked, to) -> to.json(410, "{\"code\":\"Gone\",\"message\":\"other\\u001b[31m incarnation\"}"));
        assertThatThrownBy(() -> client.log(pod.endpoint(), ALICE, LOG))
                .isInstanceOfSatisfying(RefusedException.class, e -> {
                    assertThat(e.status()).isEqualTo(410);
                    assertThat(e.said()).isEqualTo("other [31m incarnation");
                })
                .hasMessage("the daemon answered 410");
    }

    @Test
    void uploadsInPartsWhenTheLengthIsNotKnown() throws IOException {
        var content = "x".repeat(200_000);
        pod.next((asked, to) -> {
            to.raw("HTTP/1.1 100 Continue\r\n\r\n");
            var body = to.body(asked.fields());
            to.json(201, "{\"path\":\"/workspace/a\",\"bytes\":%d}".formatted(body.length));
        });
        var written = client.writeFile(
                pod.endpoint(),
                ALICE,
                write("a"),
                new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)),
                OptionalLong.empty());
        assertThat(written).isEqualTo(new Written(true, "/workspace/a", 200_000));
        assertThat(pod.asked.getFirst().target()).isEqualTo("/v1/files?path=a&maxBytes=1000000&mode=0644");
    }

    @Test
    void readsNothingOfAnUploadThatIsRefusedFromItsHead() {
        pod.next((asked, to) -> to.json(409, "{\"code\":\"Conflict\",\"message\":\"the file has 7 bytes\"}"));
        var unread = new FailingInput(0, "nobody asked for the body");
        assertThatThrownBy(() -> client.writeFile(pod.endpoint(), ALICE, write("a"), unread, OptionalLong.of(5)))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.said()).isEqualTo("the file has 7 bytes"));
    }

    @Test
    void sendsAnUploadOnANewConnectionWhenTheOldOneWasClosedMeanwhile() throws IOException {
        pod.next((asked, to) -> to.json(200, "{\"items\":[]}"));
        client.processes(pod.endpoint(), ALICE);
        pod.next((asked, to) -> to.cut());
        pod.next((asked, to) -> {
            to.raw("HTTP/1.1 100 Continue\r\n\r\n");
            var body = to.body(asked.fields());
            to.json(200, "{\"path\":\"a\",\"bytes\":%d}".formatted(body.length));
        });
        var body = new ByteArrayInputStream("hello".getBytes(StandardCharsets.UTF_8));
        assertThat(client.writeFile(pod.endpoint(), ALICE, write("a"), body, OptionalLong.of(5))
                        .created())
                .isFalse();
    }

    @Test
    void cutsAnUploadWhoseSourceFails() {
        var seen = new CompletableFuture<String>();
        pod.next((asked, to) -> {
            to.raw("HTTP/1.1 100 Continue\r\n\r\n");
            try {
                to.body(asked.fields());
                seen.complete("the whole body");
            } catch (IOException e) {
                seen.complete("cut");
                throw e;
            }
        });
        var failing = new FailingInput(10, "the client went away");
        assertThatThrownBy(() -> client.writeFile(pod.endpoint(), ALICE, write("a"), failing, OptionalLong.empty()))
                .hasMessage("the client went away");
        assertThat(seen.join()).isEqualTo("cut");
    }

    @Test
    void encodesWhatGoesIntoATarget() throws IOException {
        pod.next((asked, to) -> to.raw("HTTP/1.1 204 No Content\r\nAgentTier-Protocol: 1\r\n\r\n"));
        client.signal(pod.endpoint(), ALICE, "a b/../c?d", "TERM\r\nX: y");
        assertThat(pod.asked.getFirst().target())
                .isEqualTo("/v1/processes/a%20b%2F..%2Fc%3Fd?signal=TERM%0D%0AX%3A%20y");
    }

    private static FileWrite write(String path) {
        return new FileWrite(path, Optional.of("0644"), Optional.empty(), OptionalLong.empty(), 1_000_000, Map.of());
    }
}
