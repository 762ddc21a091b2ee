package io.agenttier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.cli.fake.Call;
import io.agenttier.cli.fake.Cluster;
import io.agenttier.cli.fake.FakeApiServer;
import io.agenttier.cli.fake.Reply;
import io.agenttier.cli.json.Json;
import io.agenttier.cli.json.JsonReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** What a sandbox holds, by path; appends are cut as often as it is told to. */
    private static final class Sandbox {
        private final Map<String, ByteArrayOutputStream> files = new ConcurrentHashMap<>();
        private final AtomicInteger cuts = new AtomicInteger();
        private volatile String refusal = "";
        /** What is said of a cut; nothing, if it is of the whole connection. */
        private volatile boolean hasGateway;

        void answer(Call call, Reply reply) throws IOException {
            var path = URLDecoder.decode(call.query("path"), StandardCharsets.UTF_8);
            switch (call.method()) {
                case "GET" -> stat(path, reply);
                case "PUT" -> put(path, call, reply);
                case "POST" -> move(JsonReader.parse(call.body()), reply);
                default -> {
                    files.remove(path);
                    reply.json(204, "");
                }
            }
        }

        private void stat(String path, Reply reply) throws IOException {
            var file = files.get(path);
            if (file == null) {
                reply.status(404, "NotFound", "it does not exist");
            } else {
                reply.json(
                        200, "{\"name\":\"x\",\"size\":%d,\"isDir\":false,\"mode\":\"0750\"}".formatted(file.size()));
            }
        }

        private void put(String path, Call call, Reply reply) throws IOException {
            var offset = call.query("offset");
            if (offset.isEmpty()) {
                files.put(path, new ByteArrayOutputStream());
            }
            var file = files.getOrDefault(path, new ByteArrayOutputStream());
            if (!offset.isEmpty() && !refusal.isEmpty()) {
                reply.status(507, "InternalError", refusal);
            } else if (!offset.isEmpty() && Integer.parseInt(offset) != file.size()) {
                reply.status(409, "Conflict", "it has another size");
            } else if (!offset.isEmpty() && cuts.getAndDecrement() > 0) {
                file.write(call.body(), 0, call.body().length / 3);
                cut(reply);
            } else {
                file.writeBytes(call.body());
                reply.json(200, "{}");
            }
        }

        private void move(Json body, Reply reply) throws IOException {
            var file = files.remove(body.at("path").textOrEmpty());
            if (file == null) {
                reply.status(404, "NotFound", "it does not exist");
                return;
            }
            files.put(body.at("to").textOrEmpty(), file);
            if (cuts.getAndDecrement() <= 0) {
                reply.json(200, "{}");
            } else {
                cut(reply);
            }
        }

        private void cut(Reply reply) throws IOException {
            if (hasGateway) {
                reply.status(503, "ServiceUnavailable", "error trying to reach service: EOF");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void uploadInPartsGoesOnAfterCutsAndIsNamedAtTheEnd(boolean hasGateway) {
        var content = random(33 * MIB);
        var sandbox = new Sandbox();
        sandbox.hasGateway = hasGateway;
        sandbox.files.put("in/big", new ByteArrayOutputStream());
        sandbox.cuts.set(4);
        server.answering(sandbox::answer);
        assertThat(cli.reading(content).run("files", "put", "web", "in/big", "--file", "-"))
                .as(cli.stderr())
                .isZero();
        assertThat(sandbox.files).containsOnlyKeys("in/big");
        assertThat(sandbox.files.values())
                .singleElement()
                .satisfies(file -> assertThat(file.toByteArray()).isEqualTo(content));
        assertThat(server.calls())
                .filteredOn(call -> call.method().equals("PUT"))
                .allSatisfy(call -> assertThat(call.query("path")).startsWith("in%2F.agenttier-"))
                .allSatisfy(call ->
                        assertThat(call.query("mode")).as("of the former file").isEqualTo("0750"));
    }

    @Test
    void anUploadThatBreaksOffLeavesNothingAndKeepsTheFormerFile() {
        var sandbox = new Sandbox();
        sandbox.files.put("big", new ByteArrayOutputStream());
        sandbox.refusal = "no space is left";
        server.answering(sandbox::answer);
        assertThat(cli.reading(random(17 * MIB)).run("files", "put", "web", "big", "--file", "-"))
                .isEqualTo(1);
        assertThat(cli.stderr()).contains("no space is left");
        assertThat(sandbox.files).containsOnlyKeys("big");
        assertThat(sandbox.files.values())
                .singleElement()
                .satisfies(file -> assertThat(file.size()).isZero());
    }

    @Test
    void anInterruptTakesAwayWhatIsHalfWritten() {
        var sandbox = new Sandbox();
        sandbox.files.put("big", new ByteArrayOutputStream());
        sandbox.cuts.set(1);
        server.answering((call, reply) -> {
            boolean isAppend = !call.query("offset").isEmpty();
            sandbox.answer(call, reply);
            if (isAppend) {
                cli.interrupts.begin();
            }
        });
        assertThat(cli.reading(random(40 * MIB)).run("files", "put", "web", "big", "--file", "-"))
                .isEqualTo(130);
        assertThat(sandbox.files).containsOnlyKeys("big");
        assertThat(sandbox.files.values())
                .singleElement()
                .satisfies(file -> assertThat(file.size()).isZero());
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
