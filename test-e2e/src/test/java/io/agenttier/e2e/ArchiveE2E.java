package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Command;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders go out as archives and in again, whatever is in them, by every client ({@code spec} behaviour §13). */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class ArchiveE2E {
    private static final String OCTETS = "application/octet-stream";
    private static final String USER = "archivist";

    /** What a file system can have, and 20 MB that do not compress, which is more than one part of an upload. */
    private static final String ODD_TREE = """
            set -e
            mkdir -p 'tree/böse näme/void' tree/d
            printf x > 'tree/böse näme/new
            line'
            printf '#!/bin/sh\\necho ran\\n' > tree/run.sh
            chmod 0755 tree/run.sh
            touch -d '2021-03-04 05:06:07' tree/run.sh
            ln -s run.sh tree/link
            ln -s /etc/passwd tree/absolute
            ln -s loop tree/loop
            mkfifo tree/pipe
            echo s > tree/secret
            chmod 0 tree/secret
            head -c 20000000 /dev/urandom > tree/d/big
            """;

    /** Names, kinds, modes, links and content of all but what cannot be archived. */
    private static final String LISTING = """
            cd "$0"
            find . ! -name pipe ! -name secret -exec stat -c '%N %A' {} + | sort
            find . -type f ! -name secret -exec sha256sum {} + | sort
            stat -c %Y run.sh
            """;

    private static String sandbox = "";

    @BeforeAll
    static void oneTree(TestNamespace namespace) {
        sandbox = namespace.ready();
        assertThat(script(namespace, ODD_TREE, "-")).isEmpty();
    }

    private static String script(TestNamespace namespace, String script, String argument) {
        var answer = Exec.json(namespace, sandbox, "sh", "-c", script, argument);
        assertThat(answer.get("exitCode").asInt()).as(answer.toString()).isZero();
        return answer.get("stdout").asText();
    }

    private static void assertSameTree(TestNamespace namespace, String copy) {
        assertThat(script(namespace, LISTING, copy)).isEqualTo(script(namespace, LISTING, "tree"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"zip", "tar.gz"})
    void comesBackUnchangedThroughTheApi(String format, TestNamespace namespace) {
        var out = namespace.api().get(namespace.path(sandbox, "archive?path=tree&format=" + format));
        assertThat(out.code()).isEqualTo(200);
        assertThat(out.headers().get("AgentTier-Process")).matches("arch-[0-9a-f]{24}");
        assertThat(out.headers().get("Content-Disposition")).contains("filename=\"tree." + format + "\"");
        assertThat(out.headers().get("Content-Type"))
                .isEqualTo(format.equals("zip") ? "application/zip" : "application/gzip");
        var to = "api-" + format;
        var in = namespace
                .api()
                .call(
                        "PUT",
                        namespace.path(sandbox, "archive?path=%s&format=%s".formatted(to, format)),
                        out.body(),
                        OCTETS);
        assertThat(in.code()).as(in.text()).isEqualTo(200);
        assertThat(in.json().get("path").asText()).isEqualTo("/workspace/" + to);
        assertThat(in.json().get("files").asInt()).isEqualTo(6);
        assertSameTree(namespace, to);
    }

    @Test
    void isReadByPlainKubectl(TestNamespace namespace) {
        var outcome = namespace
                .kubectl()
                .run("get", "--raw", namespace.path(sandbox, "archive?path=tree/b%C3%B6se%20n%C3%A4me"));
        assertThat(outcome.code()).as(outcome.stderr()).isZero();
        assertThat(outcome.stdout()).startsWith("PK").contains("void/");
    }

    @Test
    void saysWhatItLeavesOut(TestNamespace namespace) {
        var out = namespace.api().get(namespace.path(sandbox, "archive?path=tree"));
        var comment = new String(
                Arrays.copyOfRange(out.body(), out.body().length - 200, out.body().length), StandardCharsets.UTF_8);
        assertThat(comment)
                .contains("Left out or incomplete: 2\n")
                .contains("\"pipe\": a FIFO\n")
                .contains("\"secret\": permission denied\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"zip", "tar.gz"})
    void comesBackUnchangedThroughThePlugin(String format, TestNamespace namespace, @TempDir Path folder) {
        var file = folder.resolve("tree." + format).toString();
        var out = namespace.kubectl().sandbox("archive", sandbox, "tree", "-o", file);
        assertThat(out.code()).as(out.toString()).isZero();
        var to = "plugin-" + format;
        var in = namespace.kubectl().sandbox("archive", sandbox, to, "--extract", file);
        assertThat(in.code()).as(in.toString()).isZero();
        assertThat(in.stdout()).startsWith("/workspace/%s: 6 files, ".formatted(to));
        assertSameTree(namespace, to);
    }

    @Test
    void comesBackUnchangedThroughTheSdk(TestNamespace namespace) {
        var python = Command.run("sdk-python/venv.sh").orThrow().stdout().strip();
        var command = List.of(python, "-W", "error", "sdk-python/e2e/archive.py", namespace.name(), sandbox, "tree");
        var environment = Map.of("KUBECONFIG", namespace.cluster().kubeconfig().toString());
        assertThat(Command.run(command, environment, new byte[0]).orThrow().stdout())
                .isEqualTo("sdk-zip: 6 files\nsdk-tar.gz: 6 files\n");
        assertSameTree(namespace, "sdk-zip");
        assertSameTree(namespace, "sdk-tar.gz");
    }

    @Test
    void goesOnAtTheOffsetOfAClientThatWasCut(TestNamespace namespace) throws IOException {
        String process;
        byte[] begin;
        try (var cut = namespace.api().open("GET", namespace.path(sandbox, "archive?path=tree"), null, null)) {
            process = Objects.requireNonNull(cut.header("AgentTier-Process"));
            begin = Objects.requireNonNull(cut.body()).byteStream().readNBytes(1_000_000);
        }
        assertThat(begin).hasSize(1_000_000);
        var rest = namespace
                .api()
                .get(namespace.path(
                        sandbox, "log?process=%s&stream=stdout&offset=1000000&follow=true".formatted(process)));
        assertThat(rest.code()).isEqualTo(200);
        var whole = Arrays.copyOf(begin, begin.length + rest.body().length);
        System.arraycopy(rest.body(), 0, whole, begin.length, rest.body().length);
        var in = namespace.api().call("PUT", namespace.path(sandbox, "archive?path=cut"), whole, OCTETS);
        assertThat(in.code()).as(in.text()).isEqualTo(200);
        assertSameTree(namespace, "cut");
    }

    @Test
    void refusesWhatWouldLeaveTheFolder(TestNamespace namespace, @TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("evil"), "evil");
        Command.run("tar", "-C", folder.toString(), "--transform=s|evil|../evil|", "-cPf", folder + "/evil.tar", "evil")
                .orThrow();
        var in = namespace
                .api()
                .call(
                        "PUT",
                        namespace.path(sandbox, "archive?path=slip&format=tar"),
                        Files.readAllBytes(folder.resolve("evil.tar")),
                        OCTETS);
        assertThat(in.code()).isEqualTo(400);
        assertThat(in.json().get("message").asText()).contains("\"../evil\" has a segment \"..\"");
        assertThat(namespace
                        .api()
                        .get(namespace.path(sandbox, "files?path=evil"))
                        .code())
                .isEqualTo(404);
        assertThat(namespace
                        .api()
                        .get(namespace.path(sandbox, "archive?path=none"))
                        .code())
                .isEqualTo(404);
        assertThat(namespace
                        .api()
                        .get(namespace.path(sandbox, "archive?path=tree/run.sh"))
                        .code())
                .isEqualTo(400);
    }

    @Test
    void logOfAnArchiveTakesTheRightToArchive(TestNamespace namespace) {
        var admin = namespace.kubectl();
        admin.run(
                        "create",
                        "role",
                        "logs-only",
                        "--verb=get",
                        "--resource=sandboxes.agenttier.io/log,sandboxes.agenttier.io/processes")
                .orThrow();
        admin.run("create", "rolebinding", "logs-only", "--role=logs-only", "--user=" + USER)
                .orThrow();
        var user = namespace.api().as(USER);
        assertThat(user.get(namespace.path(sandbox, "archive?path=tree/d")).code())
                .isEqualTo(403);
        var process = namespace
                .api()
                .get(namespace.path(sandbox, "archive?path=tree/d"))
                .headers()
                .get("AgentTier-Process");
        var log = namespace.path(sandbox, "log?stream=stdout&process=" + process);
        assertThat(user.get(log).code()).isEqualTo(403);
        admin.run("create", "role", "archives", "--verb=get", "--resource=sandboxes.agenttier.io/archive")
                .orThrow();
        admin.run("create", "rolebinding", "archives", "--role=archives", "--user=archive-reader")
                .orThrow();
        admin.run("create", "rolebinding", "logs-too", "--role=logs-only", "--user=archive-reader")
                .orThrow();
        assertThat(namespace.api().as("archive-reader").get(log).code()).isEqualTo(200);
        assertThat(namespace
                        .api()
                        .as("archive-reader")
                        .call("PUT", namespace.path(sandbox, "archive"), new byte[0], OCTETS)
                        .code())
                .isEqualTo(403);
    }
}
