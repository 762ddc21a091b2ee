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
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FilesResourceTest {
    private static final PodAuthority CA = new PodAuthority();
    private static final Signer SIGNER = CA.signer();

    private final FakeSandboxd pod = new FakeSandboxd(CA);
    private final SandboxdClient client =
            new SandboxdClient(() -> Optional.of(SIGNER), InstantSource.system(), new PodBound(100, () -> {}));
    private final FakeSandboxes sandboxes =
            new FakeSandboxes().cached(FakeSandboxes.running()).live(FakeSandboxes.running());
    private final FilesResource files = new FilesResource(new SandboxAccess(sandboxes, pod.port()), client, 1_000_000);

    @AfterEach
    void close() throws IOException {
        client.close();
        pod.close();
    }

    @Test
    void passesOnlyHeadersThatItKnowsAndThatAreWellFormed() throws IOException {
        pod.next((asked, to) -> to.raw("""
                HTTP/1.1 206 Partial Content\r
                AgentTier-Protocol: 1\r
                Content-Type: text/html\r
                Content-Length: 3\r
                Content-Range: bytes 0-2/10\r
                ETag: "abc"\r
                Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r
                AgentTier-File-Mode: 0755; rm\r
                Set-Cookie: a=b\r
                Location: https://elsewhere.example\r
                \r
                abc"""));
        var exchange = serve(
                Calls.get("files").query("path", "/workspace/d/a b\"\r\n.txt").header("range", "bytes=0-2"), "");
        assertThat(exchange.notes).isEqualTo(Map.of("operation", "read", "bytes", "3"));
        assertThat(exchange.status()).isEqualTo(206);
        assertThat(exchange.text()).isEqualTo("abc");
        assertThat(exchange.headers())
                .containsEntry("Content-Type", "application/octet-stream")
                .containsEntry("X-Content-Type-Options", "nosniff")
                .containsEntry("Content-Range", "bytes 0-2/10")
                .containsEntry("ETag", "\"abc\"")
                .containsEntry("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
                .containsEntry(
                        "Content-Disposition",
                        "attachment; filename=\"a b___.txt\"; filename*=UTF-8''a%20b%22%0D%0A.txt")
                .doesNotContainKeys("AgentTier-File-Mode", "Set-Cookie", "Location");
        assertThat(pod.asked.getFirst().fields()).containsEntry("range", "bytes=0-2");
    }

    @Test
    void asksForTheWholeFileInsteadOfSeveralRanges() throws IOException {
        pod.next((asked, to) -> to.raw("HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nContent-Length: 1\r\n\r\nx"));
        serve(Calls.get("files").query("path", "a").header("range", "bytes=0-1,3-4"), "");
        assertThat(pod.asked.getFirst().fields()).doesNotContainKey("range");
    }

    @Test
    void streamsALargeFileWithItsLength() throws IOException {
        var content = "0123456789".repeat(50_000);
        pod.next((asked, to) ->
                to.raw("HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nContent-Length: 500000\r\n\r\n" + content));
        var exchange = serve(Calls.get("files").query("path", "a"), "");
        assertThat(exchange.text()).isEqualTo(content);
        assertThat(exchange.headers()).containsEntry("Content-Length", "500000");
        assertThat(exchange.isEnded()).isTrue();
    }

    @Test
    void cutsALargeFileThatEndsTooEarly() {
        pod.next((asked, to) -> {
            to.raw("HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nContent-Length: 500000\r\n\r\nbegin");
            to.cut();
        });
        var exchange = FakeExchange.empty();
        assertThatThrownBy(
                        () -> files.serve(Calls.get("files").query("path", "a").call(), exchange))
                .isInstanceOf(IOException.class);
        assertThat(exchange.isAborted()).isTrue();
        assertThat(exchange.isEnded()).isFalse();
        assertThat(exchange.notes).containsEntry("bytes", "5");
    }

    @Test
    void saysThatASmallFileEndedTooEarlyInsteadOfSendingAPart() {
        pod.next((asked, to) -> {
            to.raw("HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nContent-Length: 50\r\n\r\nbegin");
            to.cut();
        });
        var exchange = FakeExchange.empty();
        assertThatThrownBy(
                        () -> files.serve(Calls.get("files").query("path", "a").call(), exchange))
                .isInstanceOf(ApiException.class);
        assertThat(exchange.hasBegun()).isFalse();
    }

    @Test
    void passesOnThatNothingHasChanged() throws IOException {
        pod.next((asked, to) -> to.raw("HTTP/1.1 304 Not Modified\r\nAgentTier-Protocol: 1\r\nETag: \"abc\"\r\n\r\n"));
        var exchange = serve(Calls.get("files").query("path", "a").header("if-none-match", "\"abc\""), "");
        assertThat(exchange.status()).isEqualTo(304);
        assertThat(exchange.headers()).containsEntry("ETag", "\"abc\"");
        assertThat(exchange.text()).isEmpty();
    }

    @Test
    void listsADirectoryFieldByField() throws IOException {
        pod.next((asked, to) -> to.json(200, """
                {"path":"/workspace","continue":"b","extra":"dropped","entries":[{"name":"a\\n","size":3,"isDir":false,\
                "mode":"0644","modifiedAt":"2026-01-01T00:00:00.5Z","linkTarget":"b","extra":1}]}"""));
        var exchange = serve(Calls.get("files").query("limit", "1"), "");
        assertThat(exchange.text()).isEqualTo("""
                        {"kind":"SandboxFileList","apiVersion":"agenttier.io/subresources-v1alpha1","path":"/workspace",\
                        "entries":[{"name":"a\\n","size":3,"isDir":false,"mode":"0644","modifiedAt":"2026-01-01T00:00:00.500Z",\
                        "linkTarget":"b"}],"continue":"b"}""");
        assertThat(pod.asked.getFirst().target()).isEqualTo("/v1/files?path=&limit=1");
    }

    @Test
    void looksAtOneEntry() throws IOException {
        pod.next(
                (asked, to) -> to.json(
                        200,
                        "{\"name\":\"a\",\"size\":3,\"isDir\":true,\"mode\":\"0755\",\"modifiedAt\":\"2026-01-01T00:00:00Z\"}"));
        var exchange = serve(Calls.get("files").query("path", "a").query("stat", "true"), "");
        assertThat(exchange.json()).containsEntry("mode", "0755").containsEntry("isDir", true);
    }

    @Test
    void writesAFileAndSaysWhetherItIsNew() throws IOException {
        pod.next((asked, to) -> {
            to.raw("HTTP/1.1 100 Continue\r\n\r\n");
            var body = to.body(asked.fields());
            to.json(201, "{\"path\":\"/workspace/a\",\"bytes\":%d}".formatted(body.length));
        });
        var exchange = serve(
                Calls.put("files")
                        .query("path", "a")
                        .query("mode", "0755")
                        .query("offset", "0")
                        .header("if-none-match", "*"),
                "hello");
        assertThat(exchange.status()).isEqualTo(201);
        assertThat(exchange.json()).containsEntry("path", "/workspace/a").containsEntry("bytes", 5);
        assertThat(pod.asked.getFirst().target()).isEqualTo("/v1/files?path=a&maxBytes=1000000&mode=0755&offset=0");
        assertThat(pod.asked.getFirst().fields())
                .containsEntry("if-none-match", "*")
                .containsEntry("content-length", "5");
    }

    @Test
    void writesAnEmptyFile() throws IOException {
        pod.next((asked, to) -> to.json(201, "{\"path\":\"/workspace/a\",\"bytes\":0}"));
        assertThat(serve(Calls.put("files").query("path", "a"), "").status()).isEqualTo(201);
        assertThat(pod.asked.getFirst().fields()).containsEntry("content-length", "0");
    }

    @Test
    void refusesALargeFileBeforeThePodIsAsked() {
        assertThatThrownBy(() -> serve(Calls.put("files").query("path", "a"), "x".repeat(1_000_001)))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.TooLarge.class))
                .hasMessage("the file has 1000001 bytes, at most 1000000 are allowed");
        assertThat(pod.asked).isEmpty();
    }

    @Test
    void namesTheFileThatIsNotThere() {
        pod.next((asked, to) -> to.json(404, "{\"code\":\"NotFound\",\"message\":\"a: no such file\"}"));
        assertThatThrownBy(() -> serve(Calls.get("files").query("path", "a"), ""))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        e -> assertThat(e.error()).isEqualTo(new ApiError.NotFound("files", "a", "a: no such file")));
    }

    @Test
    void writesTheTimeInUtc() throws IOException {
        pod.next((asked, to) -> to.json(201, "{\"path\":\"/workspace/a\",\"bytes\":0}"));
        serve(Calls.put("files").query("path", "a").query("mtime", "2026-01-31T23:59:59.5+02:00"), "");
        assertThat(pod.asked.getFirst().target())
                .isEqualTo("/v1/files?path=a&maxBytes=1000000&mtime=2026-01-31T21%3A59%3A59.500Z");
        assertThatThrownBy(() -> serve(Calls.put("files").query("path", "a").query("mtime", "1700000000"), ""))
                .hasMessage("parameter mtime is \"1700000000\", expected RFC 3339 such as 2026-01-31T23:59:59.5Z");
    }

    @Test
    void makesAFolder() throws IOException {
        pod.next((asked, to) -> to.json(200, "{\"path\":\"/workspace/a b\"}"));
        var exchange = serve(
                Calls.post("files"),
                "{\"operation\":\"mkdir\",\"path\":\"a b\",\"mode\":\"0700\",\"mtime\":\"2026-01-31T00:00:00Z\"}");
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.json())
                .containsEntry("kind", "SandboxFileResponse")
                .containsEntry("path", "/workspace/a b");
        assertThat(pod.asked.getFirst().method()).isEqualTo("POST");
        assertThat(pod.asked.getFirst().target())
                .isEqualTo("/v1/files?op=mkdir&path=a%20b&mode=0700&mtime=2026-01-31T00%3A00%3A00Z");
    }

    @Test
    void movesAndSaysWhatIsInTheWay() throws IOException {
        pod.next((asked, to) -> to.json(200, "{\"path\":\"/workspace/b\"}"));
        var moved =
                serve(Calls.post("files"), "{\"operation\":\"move\",\"path\":\"a\",\"to\":\"b&c\",\"overwrite\":true}");
        assertThat(moved.notes).isEqualTo(Map.of("operation", "move", "path", "a", "to", "b&c"));
        assertThat(pod.asked.getFirst().target()).isEqualTo("/v1/files?op=move&path=a&to=b%26c&overwrite=true");
        pod.next((asked, to) -> to.json(409, "{\"code\":\"Conflict\",\"message\":\"b exists\"}"));
        assertThatThrownBy(() -> serve(Calls.post("files"), "{\"operation\":\"move\",\"path\":\"a\",\"to\":\"b\"}"))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        e -> assertThat(e.error()).isEqualTo(new ApiError.Conflict("files", "a", "b exists")));
    }

    @Test
    void removesOnlyWhatIsNamed() throws IOException {
        pod.next((asked, to) -> to.raw("HTTP/1.1 204 No Content\r\nAgentTier-Protocol: 1\r\n\r\n"));
        var removed = serve(Calls.delete("files").query("path", "a").query("recursive", "true"), "");
        assertThat(removed.status()).isEqualTo(204);
        assertThat(removed.notes).isEqualTo(Map.of("operation", "remove"));
        assertThat(pod.asked.getFirst().method()).isEqualTo("DELETE");
        assertThat(pod.asked.getFirst().target()).isEqualTo("/v1/files?path=a&recursive=true");
        assertThatThrownBy(() -> serve(Calls.delete("files").query("recursive", "true"), ""))
                .hasMessage("parameter path is missing: name the file to remove, below the root of the sandbox");
        assertThat(pod.asked).hasSize(1);
    }

    private FakeExchange serve(Calls calls, String body) throws IOException {
        var exchange = FakeExchange.with(body);
        files.serve(calls.call(), exchange);
        return exchange;
    }
}
