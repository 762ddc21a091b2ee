package io.agenttier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.cli.fake.Cluster;
import io.agenttier.cli.fake.FakeApiServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {
    private static final String PROCESS = "arch-0a1b2c3d0123456789abcdef";
    private static final String HEADERS = "Content-Type: application/zip\r\nAgentTier-Process: " + PROCESS;

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

    @Test
    void goesOnByLogAfterEachCut() throws Exception {
        var content = random(300_000);
        server.answering((call, reply) -> {
            int from = call.path().endsWith("/log") ? Integer.parseInt(call.query("offset")) : 0;
            reply.cutAfter(70_000, 200, HEADERS, Arrays.copyOfRange(content, from, content.length));
        });
        var target = folder.resolve("a.zip");
        assertThat(cli.run("archive", "web", "src/x", "-o", target.toString()))
                .as(cli.stderr())
                .isZero();
        assertThat(Files.readAllBytes(target)).isEqualTo(content);
        assertThat(cli.stdout()).isEqualTo(target + ": 300000 bytes\n");
        assertThat(server.calls().getFirst().toString()).endsWith("/sandboxes/web/archive?format=zip&path=src%2Fx");
        assertThat(server.calls().getLast().toString())
                .endsWith("/sandboxes/web/log?process=" + PROCESS + "&stream=stdout&offset=280000&follow=true");
    }

    @Test
    void leavesTheFormerFileWhenTheArchiveFailed() throws Exception {
        server.answering((call, reply) -> {
            if (call.path().endsWith("/processes")) {
                reply.json(200, """
                        {"items":[{"id":"%s","running":false,"exit":{"reason":"canceled","exitCode":-1}}]}""".formatted(PROCESS));
            } else {
                int from = call.path().endsWith("/log") ? 10 : 0;
                reply.cutAfter(10 - from, 200, HEADERS, random(20));
            }
        });
        var target = Files.writeString(folder.resolve("a.zip"), "old");
        assertThat(cli.run("archive", "web", "-o", target.toString())).isEqualTo(1);
        assertThat(cli.stderr())
                .isEqualTo(
                        "the sandbox has not made the archive to its end (canceled): see kubectl sandbox logs web %s\n"
                                .formatted(PROCESS));
        assertThat(target).hasContent("old");
    }

    @Test
    void takesTheFormatFromTheName() throws Exception {
        server.answering((call, reply) -> reply.whole(200, HEADERS, new byte[3]));
        assertThat(cli.run("archive", "web", "-o", folder.resolve("w.tgz").toString()))
                .as(cli.stderr())
                .isZero();
        assertThat(server.calls().getFirst().toString()).endsWith("/sandboxes/web/archive?format=tar.gz");
        assertThat(cli.run("archive", "web", "--format", "tar", "-o", "-")).isEqualTo(2);
        assertThat(cli.stderr()).contains("--format \"tar\" is invalid: expected zip or tar.gz");
    }

    @Test
    void sendsPartsAndWaitsUntilTheyAreExtracted() throws Exception {
        var content = random(16 * 1024 * 1024 + 5);
        var received = new ByteArrayOutputStream();
        var calls = new AtomicInteger();
        server.answering((call, reply) -> {
            if (calls.getAndIncrement() == 1) {
                reply.status(503, "ServiceUnavailable", "not now");
                return;
            }
            assertThat(call.query("offset")).isEqualTo(String.valueOf(received.size()));
            received.write(call.body());
            if (call.query("final").equals("false") || calls.get() < 4) {
                reply.json(202, "{\"upload\":\"u\",\"offset\":%d}".formatted(received.size()));
            } else {
                reply.json(200, "{\"path\":\"/workspace/in\",\"files\":3,\"bytes\":7}");
            }
        });
        var file = Files.write(folder.resolve("a.tar"), content);
        assertThat(cli.run("archive", "web", "in", "--extract", file.toString()))
                .as(cli.stderr())
                .isZero();
        assertThat(received.toByteArray()).isEqualTo(content);
        assertThat(cli.stdout()).isEqualTo("/workspace/in: 3 files, 7 bytes\n");
        assertThat(server.calls().getFirst().toString())
                .contains("/sandboxes/web/archive?format=tar&upload=")
                .endsWith("&path=in&offset=0&final=false");
    }
}
