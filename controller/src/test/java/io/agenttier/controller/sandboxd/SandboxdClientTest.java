package io.agenttier.controller.sandboxd;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jwt.SignedJWT;
import io.agenttier.controller.pki.Authority;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SandboxdClientTest {
    private static final String INCARNATION = "0a1b2c3d";
    private static final Hook ON_START = Hook.once(Hook.Kind.ON_START);

    private final Authority authority = Authority.create(Instant.now(), new SecureRandom());
    private final Signer signer = FakeDaemon.signer(authority);
    private final SandboxdClient client = new SandboxdClient(() -> Optional.of(signer), InstantSource.system());
    private FakeDaemon daemon;

    @BeforeEach
    void start() throws IOException, GeneralSecurityException {
        daemon = new FakeDaemon(authority, INCARNATION);
    }

    @AfterEach
    void stop() {
        daemon.close();
    }

    @Test
    void signsForThisIncarnationAndOperationAlone() throws Exception {
        daemon.answer(200, """
                {"running":2,"viewers":1,"invokes":0,"inUse":true,"lastActivityMs":1767225600000,"start":"ready",
                 "tools":[{"name":"git","ok":true,"message":""},{"name":"node","ok":false,"message":"verify\\u0007 failed"}]}""");
        var reply = client.report(daemon.endpoint(INCARNATION));
        var report = ((Reply.Answer<Report>) reply).value();
        assertThat(report.lastUse()).isEqualTo(Instant.ofEpochMilli(1767225600000L));
        assertThat(report.inUse()).isTrue();
        assertThat(report.tools())
                .containsExactly(new Report.Tool("git", true, ""), new Report.Tool("node", false, "verify  failed"));

        var asked = daemon.asked();
        assertThat(asked.call()).isEqualTo("GET /v1/report");
        var token = SignedJWT.parse(asked.authorization().replace("Bearer ", ""));
        assertThat(token.verify(
                        new ECDSAVerifier((ECPublicKey) signer.certificate().getPublicKey())))
                .isTrue();
        assertThat(token.getHeader().getX509CertChain()).hasSize(1);
        var claims = token.getJWTClaimsSet();
        assertThat(claims.getAudience()).containsExactly(INCARNATION);
        assertThat(claims.getStringClaim("op")).isEqualTo("report");
        assertThat(Duration.between(
                        claims.getIssueTime().toInstant(),
                        claims.getExpirationTime().toInstant()))
                .isLessThanOrEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void saysHowAHookEnded() throws Exception {
        daemon.answer(200, "{\"exit\":{\"outcome\":\"exited\",\"code\":0},\"tail\":\"done\\n\"}");
        daemon.answer(200, "{\"exit\":{\"outcome\":\"exited\",\"code\":3},\"tail\":\"no\\u001b[31m disk\"}");
        daemon.answer(200, "{\"exit\":{\"outcome\":\"timeout\",\"limitMs\":30000},\"tail\":\"\"}");
        daemon.answer(200, "{\"exit\":null,\"tail\":\"\"}");
        assertThat(hook()).isEqualTo(answer(HookResult.Outcome.SUCCEEDED, "exited with code 0: done"));
        assertThat(hook()).isEqualTo(answer(HookResult.Outcome.FAILED, "exited with code 3: no [31m disk"));
        assertThat(hook()).isEqualTo(answer(HookResult.Outcome.TIMED_OUT, "was stopped at its time limit of 30000 ms"));
        assertThat(hook()).isEqualTo(answer(HookResult.Outcome.ABSENT, ""));
        assertThat(daemon.asked().body()).isEqualTo("{\"kind\":\"onStart\",\"occurrence\":\"\"}");
    }

    @Test
    void tellsAndTakesBackANotice() throws Exception {
        daemon.answer(204, "").answer(204, "");
        var stop = new Notice.Stop("IdleTimeout", "stops in 5 min", Instant.parse("2026-01-01T00:00:00Z"));
        client.notice(daemon.endpoint(INCARNATION), new Notice(Optional.of(stop)));
        client.notice(daemon.endpoint(INCARNATION), new Notice(Optional.empty()));
        assertThat(daemon.asked().body())
                .isEqualTo("{\"kind\":\"IdleTimeout\",\"text\":\"stops in 5 min\",\"at\":\"2026-01-01T00:00:00Z\"}");
        assertThat(daemon.asked().body()).isEqualTo("{}");
    }

    @Test
    void asksNobodyWhoseCertificateNamesAnotherIncarnation() {
        assertThat(client.report(daemon.endpoint("ffffffff"))).isInstanceOf(Reply.Unreachable.class);
        assertThat(daemon.wasAsked()).isFalse();
    }

    @Test
    void asksNobodyOfAnotherAuthority() throws Exception {
        try (var stranger = new FakeDaemon(Authority.create(Instant.now(), new SecureRandom()), INCARNATION)) {
            assertThat(client.report(stranger.endpoint(INCARNATION))).isInstanceOf(Reply.Unreachable.class);
            assertThat(stranger.wasAsked()).isFalse();
        }
    }

    @Test
    void passesOnARefusal() {
        daemon.answer(409, "{\"code\":\"Conflict\",\"message\":\"the start sequence has not ended\"}");
        assertThat(hook()).isEqualTo(new Reply.Refused<>(409, "the start sequence has not ended"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"exit\":{\"outcome\":\"won\"}}",
                "{\"exit\":{\"outcome\":\"exited\"}}",
                "{\"exit\":{\"outcome\":\"exited\",\"code\":1e999999999}}",
                "{\"exit\":7}"
            })
    void believesNoAnswerThatNoDaemonGives(String body) {
        daemon.answer(200, body);
        assertThat(hook()).isInstanceOf(Reply.Misbehaved.class);
    }

    @Test
    void readsNoMoreThanItHasRoomFor() {
        daemon.answer(exchange -> {
            exchange.getResponseHeaders().set("AgentTier-Protocol", "1");
            exchange.sendResponseHeaders(200, 0);
            var block = "x".repeat(64 << 10).getBytes(StandardCharsets.US_ASCII);
            while (true) {
                exchange.getResponseBody().write(block);
            }
        });
        assertThat(hook()).isInstanceOf(Reply.Misbehaved.class);
    }

    @Test
    void waitsForNobodyLongerThanItsLimit() throws Exception {
        var over = new CountDownLatch(1);
        daemon.answer(_ -> {
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        var reply = client.hook(daemon.endpoint(INCARNATION), ON_START, Duration.ofSeconds(-9));
        over.countDown();
        assertThat(reply).isInstanceOf(Reply.Unreachable.class);
    }

    private Reply<HookResult> hook() {
        return client.hook(daemon.endpoint(INCARNATION), ON_START, Duration.ofSeconds(30));
    }

    private static Reply<HookResult> answer(HookResult.Outcome outcome, String message) {
        return new Reply.Answer<>(new HookResult(outcome, message));
    }
}
