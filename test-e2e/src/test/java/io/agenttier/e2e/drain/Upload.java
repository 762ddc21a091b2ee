package io.agenttier.e2e.drain;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.agent.Agents;
import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.client.OwnPrograms;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** One file that comes into a sandbox bit by bit, while the apiserver is replaced. */
record Upload(Agents agent, String file, Way way, Feed feed) {
    /** Who carries it, and by which subresource. */
    enum Way {
        PLUGIN_FILE("plugin, files"),
        SDK_FILE("Python SDK, files"),
        PLUGIN_ARCHIVE("plugin, archive"),
        SDK_ARCHIVE("Python SDK, archive"),
        HELD("plain HTTP, files");

        final String title;

        Way(String title) {
            this.title = title;
        }
    }

    /** @return how often it was cut; −1 if its client does not tell */
    int run() throws Exception {
        var namespace = agent.namespace();
        var sandbox = agent.sandbox();
        return switch (way) {
            case PLUGIN_FILE ->
                feed(OwnPrograms.startPlugin(namespace, "files", "put", List.of(sandbox, file, "--file", "-")), false);
            case SDK_FILE -> feed(OwnPrograms.startSdk(namespace, "upload.py", sandbox, List.of("file", file)), false);
            case PLUGIN_ARCHIVE ->
                feed(
                        OwnPrograms.startPlugin(
                                namespace, "archive", sandbox, List.of("--extract", "-", "--format", "zip")),
                        true);
            case SDK_ARCHIVE ->
                feed(OwnPrograms.startSdk(namespace, "upload.py", sandbox, List.of("archive", "zip")), true);
            case HELD -> new HeldUpload(namespace.api(), agent::path, file, feed).run();
        };
    }

    private int feed(Process client, boolean zipped) throws Exception {
        try (var readers = Executors.newVirtualThreadPerTaskExecutor()) {
            var out = readers.submit(() -> text(client.getInputStream()));
            var err = readers.submit(() -> text(client.getErrorStream()));
            var unread = "";
            try (var stdin = client.getOutputStream()) {
                write(stdin, zipped);
            } catch (IOException e) {
                unread = "it did not read all: " + e;
            }
            assertThat(client.waitFor())
                    .as("%s: %s%s %s", this, out.get(), err.get(), unread)
                    .isZero();
            return -1;
        } finally {
            client.destroyForcibly();
        }
    }

    private void write(OutputStream stdin, boolean zipped) throws IOException {
        if (!zipped) {
            feed.writeTo(stdin, 0);
            return;
        }
        var zip = new ZipOutputStream(stdin);
        zip.setLevel(Deflater.BEST_SPEED);
        zip.putNextEntry(new ZipEntry(file));
        feed.writeTo(zip, 0);
        zip.closeEntry();
        zip.finish();
    }

    private static String text(InputStream in) throws IOException {
        try (in) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The file in the sandbox is what was sent. */
    void verify() {
        var told = Exec.json(agent.namespace(), agent.sandbox(), "sha256sum", file);
        assertThat(told.path("stdout").asText())
                .as("%s of sandbox %s: %s", file, agent.sandbox(), told)
                .startsWith(feed.sha256() + " ");
    }
}
