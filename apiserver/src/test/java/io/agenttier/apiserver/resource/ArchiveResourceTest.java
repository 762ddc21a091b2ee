package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.sandboxd.FakeSandboxd;
import io.agenttier.apiserver.sandboxd.PodAuthority;
import io.agenttier.apiserver.sandboxd.PodBound;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import io.agenttier.apiserver.sandboxd.Signer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ArchiveResourceTest {
    private static final PodAuthority CA = new PodAuthority();
    private static final Signer SIGNER = CA.signer();

    private final FakeSandboxd pod = new FakeSandboxd(CA);
    private final SandboxdClient client =
            new SandboxdClient(() -> Optional.of(SIGNER), InstantSource.system(), new PodBound(100, () -> {}));
    private final FakeSandboxes sandboxes =
            new FakeSandboxes().cached(FakeSandboxes.running()).live(FakeSandboxes.running());
    private InstantSource clock = () -> Instant.EPOCH;
    private final ArchiveResource archive = new ArchiveResource(
            new LiveOutput.Source(
                    new SandboxAccess(sandboxes, pod.port()), client, () -> clock.instant(), List.of(Duration.ZERO)),
            1000);

    @AfterEach
    void close() throws IOException {
        client.close();
        pod.close();
    }

    @Test
    void namesTheProcessAndTheFile() throws IOException {
        pod.next((asked, to) -> to.frames().output('o', 0, "PK..").exited(4, 0));
        var exchange = serve(Calls.get("archive").query("path", "/workspace/my dir/"), "");
        assertThat(exchange.text()).isEqualTo("PK..");
        assertThat(exchange.isEnded()).isTrue();
        assertThat(exchange.headers())
                .containsEntry("Content-Type", "application/zip")
                .containsEntry("AgentTier-Process", FakeSandboxd.PROCESS)
                .containsEntry(
                        "Content-Disposition", "attachment; filename=\"my dir.zip\"; filename*=UTF-8''my%20dir.zip");
        assertThat(pod.asked.getFirst().line())
                .startsWith("POST /v1/archive?path=%2Fworkspace%2Fmy%20dir%2F&format=zip ");
    }

    @Test
    void namesTheWholeWorkspaceLikeTheSandbox() throws IOException {
        pod.next((asked, to) -> to.frames().exited(0, 0));
        var exchange = serve(Calls.get("archive").query("format", "tar.gz"), "");
        assertThat(exchange.headers().get("Content-Disposition")).contains(".tar.gz\"");
        assertThat(exchange.headers()).containsEntry("Content-Type", "application/gzip");
    }

    @Test
    void cutsAnArchiveThatIsNotWhole() throws IOException {
        pod.next((asked, to) -> to.frames().output('o', 0, "PK..").exited(4, 1));
        assertCut();
    }

    @Test
    void cutsAnArchiveThatWasCancelled() throws IOException {
        pod.next(
                (asked, to) -> to.frames()
                        .output('o', 0, "PK..")
                        .exit(
                                4,
                                "{\"outcome\":\"canceled\",\"by\":\"bob\",\"endedAt\":\"2026-01-01T00:00:00.000Z\",\"durationMs\":1}"));
        assertCut();
    }

    @Test
    void cutsAnArchiveOfWhichBytesAreGone() throws IOException {
        pod.next((asked, to) -> to.frames()
                .output('o', 0, "PK..")
                .event("{\"event\":\"gap\",\"from\":4,\"to\":8}")
                .output('o', 8, "rest")
                .exited(12, 0));
        assertCut();
    }

    @Test
    void cutsTheAnswerBeforeKubeApiserverDoes() throws IOException {
        var longAfter = Calls.get("archive")
                .call()
                .received()
                .plus(ArchiveResource.LONGEST)
                .plusSeconds(60);
        clock = () -> longAfter;
        pod.next((asked, to) -> to.frames().output('o', 0, "PK..").exited(4, 0));
        assertCut();
    }

    private void assertCut() throws IOException {
        var exchange = serve(Calls.get("archive"), "");
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.text()).isEqualTo("PK..");
        assertThat(exchange.isAborted()).isTrue();
        assertThat(exchange.isEnded()).isFalse();
    }

    @Test
    void goesOnWhenTheConnectionToThePodBreaks() throws IOException {
        pod.next((asked, to) -> to.frames().output('o', 0, "PK..").cut());
        pod.next((asked, to) -> to.frames().output('o', 4, "rest").exited(8, 0));
        var exchange = serve(Calls.get("archive"), "");
        assertThat(exchange.text()).isEqualTo("PK..rest");
        assertThat(exchange.isEnded()).isTrue();
        assertThat(pod.asked.get(1).target())
                .isEqualTo("/v1/processes/%s/log?offset=4&stream=stdout&follow=true".formatted(FakeSandboxd.PROCESS));
    }

    @Test
    void saysThatTheFolderIsMissingBeforeAnythingIsSent() {
        pod.next((asked, to) -> to.json(404, "{\"code\":\"NotFound\",\"message\":\"no such folder\"}"));
        assertThatThrownBy(() -> serve(Calls.get("archive").query("path", "x"), ""))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        e -> assertThat(e.error()).isEqualTo(new ApiError.NotFound("archive", "x", "no such folder")));
    }

    @Test
    void extractsWhatIsSent() throws IOException {
        pod.next((asked, to) -> {
            to.raw("HTTP/1.1 100 Continue\r\n\r\n");
            var body = to.body(asked.fields());
            to.json(200, "{\"path\":\"/workspace/in\",\"files\":3,\"bytes\":%d}".formatted(body.length));
        });
        var exchange = serve(Calls.put("archive").query("path", "in").query("format", "tar"), "hello");
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.json())
                .containsEntry("kind", "SandboxArchiveExtracted")
                .containsEntry("path", "/workspace/in")
                .containsEntry("files", 3)
                .containsEntry("bytes", 5);
        assertThat(pod.asked.getFirst().line()).startsWith("PUT /v1/archive?path=in&format=tar&maxBytes=1000 ");
    }

    @Test
    void tellsWhereTheNextPartBegins() throws IOException {
        pod.next((asked, to) -> to.json(202, "{\"upload\":\"u\",\"offset\":12}"));
        var exchange = serve(
                Calls.put("archive").query("upload", "u").query("offset", "12").query("final", "true"), "");
        assertThat(exchange.status()).isEqualTo(202);
        assertThat(exchange.json()).containsEntry("upload", "u").containsEntry("offset", 12);
        assertThat(pod.asked.getFirst().line())
                .startsWith("PUT /v1/archive?path=&format=zip&maxBytes=1000&upload=u&offset=12&final=true ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "format=rar|parameter format is \"rar\", expected zip, tar or tar.gz",
                "offset=1|parameters offset and final are for parts of an upload",
                "upload=a/b|parameter upload is \"a/b\", expected 1 to 64 of A-Z a-z 0-9 . _ -",
            })
    void refusesParametersThatAreWrong(String parameter, String message) {
        var pair = parameter.split("=", 2);
        assertThatThrownBy(() -> serve(Calls.put("archive").query(pair[0], pair[1]), "x"))
                .isInstanceOf(ApiException.class)
                .hasMessageStartingWith(message);
        assertThat(pod.asked).isEmpty();
    }

    @Test
    void refusesALargeArchiveBeforeThePodIsAsked() {
        assertThatThrownBy(
                        () -> serve(Calls.put("archive").query("upload", "u").query("offset", "990"), "x".repeat(11)))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.TooLarge.class))
                .hasMessage("the archive has 1001 bytes, at most 1000 are allowed");
        assertThat(pod.asked).isEmpty();
    }

    private FakeExchange serve(Calls call, String body) throws IOException {
        var exchange = FakeExchange.with(body);
        archive.serve(call.call(), exchange);
        return exchange;
    }
}
