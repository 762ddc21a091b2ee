package io.agenttier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.cli.fake.Call;
import io.agenttier.cli.fake.Cluster;
import io.agenttier.cli.fake.FakeApiServer;
import io.agenttier.cli.fake.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesTest {
    private static final int MIB = 1024 * 1024;

    private Path folder;
    private FakeApiServer server;
    private CliRun cli;

    @BeforeEach
    void start(@TempDir Path temporary) throws Exception {
        folder = temporary;
        server = new FakeApiServer();
        cli = new CliRun(Cluster.kubeconfig(folder, server));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private static byte[] random(int length) {
        var bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static int start(Call call) {
        var range = call.header("range");
        return range.isEmpty() ? 0 : Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
    }

    private static void rest(Reply reply, byte[] content, int from, int cutAfter, String etag) throws IOException {
        var body = Arrays.copyOfRange(content, from, content.length);
        var headers =
                "Content-Type: application/octet-stream\r\nETag: %s\r\nAgentTier-File-Mode: 0751\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT"
                        .formatted(etag);
        if (from > 0) {
            headers += "\r\nContent-Range: bytes %d-%d/%d".formatted(from, content.length - 1, content.length);
        }
        reply.cutAfter(cutAfter, from > 0 ? 206 : 200, headers, body);
    }

    @Test
    void downloadGoesOnByRangeAfterEachCutAndKeepsModeAndTime() throws Exception {
        var content = random(300_000);
        server.answering((call, reply) -> rest(reply, content, start(call), 70_000, "\"v1\""));
        var target = folder.resolve("copy");
        assertThat(cli.run("files", "get", "web", "a b/ü.bin", "-o", target.toString()))
                .as(cli.stderr())
                .isZero();
        assertThat(Files.readAllBytes(target)).isEqualTo(content);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                .isEqualTo("rwxr-x--x");
        assertThat(Files.getLastModifiedTime(target).toInstant()).hasToString("2026-01-01T00:00:00Z");
        assertThat(server.calls())
                .hasSizeGreaterThan(4)
                .allSatisfy(call -> assertThat(call.query("path")).isEqualTo("a%20b%2F%C3%BC.bin"));
        assertThat(server.calls().getLast().header("if-match")).isEqualTo("\"v1\"");
    }

    @Test
    void downloadToStandardOutputIsExact() {
        var content = random(100_000);
        server.answering((call, reply) -> rest(reply, content, start(call), 60_000, "\"v1\""));
        assertThat(cli.run("files", "get", "web", "x", "-o", "-")).isZero();
        assertThat(cli.out.toByteArray()).isEqualTo(content);
        assertThat(cli.stderr()).isEmpty();
    }

    @Test
    void leavesNoFileWhenTheSourceChangesMeanwhile() throws Exception {
        var content = random(100_000);
        server.answering(
                (call, reply) -> rest(reply, content, start(call), 60_000, start(call) == 0 ? "\"v1\"" : "\"v2\""));
        var target = Files.writeString(folder.resolve("copy"), "old");
        assertThat(cli.run("files", "get", "web", "x", "-o", target.toString())).isEqualTo(1);
        assertThat(cli.stderr()).isEqualTo("the file was changed while it was read: try again\n");
        assertThat(target).hasContent("old");
        try (var left = Files.list(folder)) {
            assertThat(left).noneMatch(file -> file.toString().endsWith(".part"));
        }
    }

    @Test
    void givesUpADownloadThatComesToNothing() {
        server.answering((call, reply) -> rest(reply, random(10), 0, 0, "\"v1\""));
        assertThat(cli.run("files", "get", "web", "x", "-o", "-")).isEqualTo(1);
        assertThat(cli.stderr()).contains("connection");
    }

    @Test
    void refusesToCopyAFolder() {
        server.answering((call, reply) -> reply.json(200, "{\"path\":\"/workspace\",\"entries\":[]}"));
        assertThat(cli.run("files", "get", "web", "src", "-o", "-")).isEqualTo(1);
        assertThat(cli.stderr()).isEqualTo("it is a folder: files get copies one file\n");
        assertThat(cli.out.size()).isZero();
    }

    @Test
    void uploadsTextWithItsMode() {
        server.answering((call, reply) -> reply.json(201, "{\"path\":\"/workspace/n\",\"bytes\":3}"));
        assertThat(cli.run("files", "put", "web", "n", "--data", "hi\n", "--mode", "0600"))
                .isZero();
        assertThat(cli.stdout()).isEqualTo("n: 3 bytes written\n");
        var call = server.calls().getFirst();
        assertThat(call.toString())
                .endsWith("/sandboxes/web/files?path=n&mode=0600")
                .startsWith("PUT ");
        assertThat(call.header("content-type")).isEqualTo("application/octet-stream");
        assertThat(call.text()).isEqualTo("hi\n");
    }

    @Test
    void takesTheModeOfTheLocalFile() throws Exception {
        server.answering((call, reply) -> reply.json(201, "{}"));
        var file = Files.writeString(folder.resolve("run.sh"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(cli.run("files", "put", "web", "run.sh", "--file", file.toString()))
                .isZero();
        assertThat(server.calls().getFirst().query("mode")).isEqualTo("0755");
    }

    @Test
    void uploadInPartsGoesOnWhereACutAppendEnded() {
        var content = random(33 * MIB);
        var stored = new ByteArrayOutputStream();
        var cuts = new AtomicInteger(2);
        server.answering((call, reply) -> {
            if (call.method().equals("GET")) {
                reply.json(200, "{\"name\":\"big\",\"size\":%d,\"isDir\":false}".formatted(stored.size()));
                return;
            }
            var offset = call.query("offset");
            if (offset.isEmpty()) {
                stored.reset();
            } else if (Integer.parseInt(offset) != stored.size()) {
                reply.status(409, "Conflict", "it has another size");
                return;
            }
            if (!offset.isEmpty() && cuts.getAndDecrement() > 0) {
                stored.write(call.body(), 0, call.body().length / 3);
                return;
            }
            stored.writeBytes(call.body());
            reply.json(200, "{}");
        });
        assertThat(cli.reading(content).run("files", "put", "web", "big", "--file", "-"))
                .as(cli.stderr())
                .isZero();
        assertThat(stored.toByteArray()).isEqualTo(content);
    }

    @Test
    void showsTheRefusalOfABodyThatWasNotReadToItsEnd() {
        server.answering((call, reply) -> reply.status(413, "RequestEntityTooLarge", "more than 5 GiB"));
        assertThat(cli.reading(random(MIB)).run("files", "put", "web", "big", "--file", "-"))
                .isEqualTo(1);
        assertThat(cli.stderr()).isEqualTo("Error from server (RequestEntityTooLarge): more than 5 GiB\n");
    }

    @Test
    void saysWhatIsMissingLocally() {
        assertThat(cli.run(
                        "files",
                        "put",
                        "web",
                        "x",
                        "--file",
                        folder.resolve("none").toString()))
                .isEqualTo(1);
        assertThat(cli.stderr()).isEqualTo("there is no file " + folder.resolve("none") + "\n");
    }
}
