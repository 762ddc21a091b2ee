package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Command;
import io.agenttier.e2e.cluster.Size;
import io.agenttier.e2e.cluster.TestNamespace;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Files go in and out whole, in ranges and by the plugin ({@code spec} behaviour §12). */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class FilesE2E {
    private static final String OCTETS = "application/octet-stream";
    private static String sandbox = "";

    @BeforeAll
    static void oneSandbox(TestNamespace namespace) {
        sandbox = namespace.ready();
    }

    @Test
    void carriesLargeRandomBytesUnchanged(TestNamespace namespace) throws Exception {
        var bytes = new byte[Size.of(16, 256) << 20];
        new Random(1).nextBytes(bytes);
        var put = namespace.api().call("PUT", namespace.path(sandbox, "files?path=deep/er/blob"), bytes, OCTETS);
        assertThat(put.code()).as(put.text()).isEqualTo(201);
        assertThat(put.json().get("bytes").asLong()).isEqualTo(bytes.length);
        assertThat(Exec.json(namespace, sandbox, "sha256sum", "deep/er/blob")
                        .get("stdout")
                        .asText())
                .startsWith(sha256(bytes));
        var whole = namespace.api().get(namespace.path(sandbox, "files?path=deep/er/blob"));
        assertThat(sha256(whole.body())).isEqualTo(sha256(bytes));
        var tag = Objects.requireNonNull(whole.headers().get("ETag"));
        assertThat(namespace
                        .api()
                        .with("If-None-Match", tag)
                        .get(namespace.path(sandbox, "files?path=deep/er/blob"))
                        .code())
                .isEqualTo(304);
        var range = namespace
                .api()
                .with("Range", "bytes=1000-1999")
                .get(namespace.path(sandbox, "files?path=deep/er/blob"));
        assertThat(range.code()).isEqualTo(206);
        assertThat(range.body()).isEqualTo(java.util.Arrays.copyOfRange(bytes, 1000, 2000));
        assertThat(namespace
                        .api()
                        .with("Range", "bytes=99999999-")
                        .get(namespace.path(sandbox, "files?path=deep/er/blob"))
                        .code())
                .isEqualTo(416);
        assertThat(namespace
                        .api()
                        .call("PUT", namespace.path(sandbox, "files?path=deep/er/blob"), new byte[3], OCTETS)
                        .code())
                .isEqualTo(200);
    }

    @Test
    void keepsModesAndListsFolders(TestNamespace namespace) {
        namespace
                .api()
                .call(
                        "PUT",
                        namespace.path(sandbox, "files?path=bin/tool&mode=0755"),
                        "#!/bin/sh\necho ran\n".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        OCTETS);
        assertThat(Exec.json(namespace, sandbox, "bin/tool").get("stdout").asText())
                .isEqualTo("ran\n");
        var list =
                namespace.api().get(namespace.path(sandbox, "files?path=bin")).json();
        assertThat(list.at("/entries/0/name").asText()).isEqualTo("tool");
        assertThat(list.at("/entries/0/mode").asText()).isEqualTo("0755");
    }

    @Test
    void appendsOnlyAtTheEnd(TestNamespace namespace) {
        assertThat(namespace
                        .api()
                        .call("PUT", namespace.path(sandbox, "files?path=log&offset=0"), new byte[10], OCTETS)
                        .code())
                .isEqualTo(201);
        assertThat(namespace
                        .api()
                        .call("PUT", namespace.path(sandbox, "files?path=log&offset=10"), new byte[5], OCTETS)
                        .json()
                        .get("bytes")
                        .asInt())
                .isEqualTo(15);
        var wrong =
                namespace.api().call("PUT", namespace.path(sandbox, "files?path=log&offset=10"), new byte[5], OCTETS);
        assertThat(wrong.code()).isEqualTo(409);
        assertThat(wrong.json().get("message").asText()).contains("15");
    }

    private static int change(TestNamespace namespace, String body) {
        var bytes = body.replace('\'', '"').getBytes(java.nio.charset.StandardCharsets.UTF_8);
        return namespace
                .api()
                .call("POST", namespace.path(sandbox, "files"), bytes, "application/json")
                .code();
    }

    @Test
    void makesFoldersMovesAndRemoves(TestNamespace namespace) {
        assertThat(change(
                        namespace,
                        "{'operation':'mkdir','path':'made/empty','mode':'0711','mtime':'2001-02-03T04:05:06Z'}"))
                .isEqualTo(200);
        assertThat(Exec.json(namespace, sandbox, "stat", "-c", "%F %a %Y", "made/empty")
                        .get("stdout")
                        .asText())
                .isEqualTo("directory 711 981173106\n");
        var put = namespace.path(sandbox, "files?path=made/part&mtime=2001-02-03T04:05:06Z");
        assertThat(namespace.api().call("PUT", put, new byte[1], OCTETS).code()).isEqualTo(201);
        assertThat(change(namespace, "{'operation':'move','path':'made/part','to':'made/whole'}"))
                .isEqualTo(200);
        assertThat(change(namespace, "{'operation':'move','path':'made/whole','to':'made/empty'}"))
                .isEqualTo(409);
        assertThat(change(namespace, "{'operation':'mkdir','path':'../out'}")).isEqualTo(400);
        assertThat(change(namespace, "{'operation':'chmod','path':'made'}")).isEqualTo(422);
        var made = namespace.path(sandbox, "files?path=made");
        assertThat(namespace.api().call("DELETE", made, null, null).code()).isEqualTo(409);
        assertThat(namespace
                        .api()
                        .call("DELETE", made + "&recursive=true", null, null)
                        .code())
                .isEqualTo(204);
        assertThat(namespace.api().get(made).code()).isEqualTo(404);
    }

    @Test
    void neverLeavesTheWorkspace(TestNamespace namespace) {
        Exec.json(namespace, sandbox, Map.of("script", "ln -s /etc out; ln -s /etc/passwd secret; mkfifo fifo"));
        for (var path : java.util.List.of(
                "../etc/passwd", "/etc/passwd", "out/passwd", "secret", "a/../../etc/passwd", "fifo")) {
            var reply = namespace.api().get(namespace.path(sandbox, "files?path=" + path));
            assertThat(reply.code()).as(path + ": " + reply).isBetween(400, 404);
            assertThat(reply.json().get("kind").asText()).isEqualTo("Status");
        }
        assertThat(namespace
                        .api()
                        .call("PUT", namespace.path(sandbox, "files?path=out/evil"), new byte[1], OCTETS)
                        .code())
                .isBetween(400, 404);
    }

    @Test
    void everyNameIsListedByEveryClient(TestNamespace namespace, @TempDir Path folder) throws Exception {
        var names = java.util.List.of(" ", "böse näme", "new\nline", "per%41cent+plus&amp=;#?", "quote\"'`$(x)", "日本語");
        for (var name : names) {
            var path = "files?path=" + URLEncoder.encode("names/" + name, StandardCharsets.UTF_8);
            assertThat(namespace
                            .api()
                            .call("PUT", namespace.path(sandbox, path), new byte[1], OCTETS)
                            .code())
                    .as(name)
                    .isEqualTo(201);
        }
        var list = namespace.api().get(namespace.path(sandbox, "files?path=names&limit=4"));
        assertThat(list.json().get("entries").findValuesAsText("name")).isEqualTo(names.subList(0, 4));
        namespace
                .kubectl()
                .sandbox("cp", sandbox + ":names", folder.resolve("copy").toString())
                .orThrow();
        try (var copied = Files.list(folder.resolve("copy"))) {
            assertThat(copied.map(file -> file.getFileName().toString())).containsExactlyInAnyOrderElementsOf(names);
        }
        var python = Command.run("sdk-python/venv.sh").orThrow().stdout().strip();
        var script = """
                import json, sys
                from agenttier import AgentTierClient
                with AgentTierClient(namespace=sys.argv[1]) as client:
                    print(json.dumps([entry.name for entry in client.get_sandbox(sys.argv[2]).files.list("names")]))
                """;
        var environment = Map.of("KUBECONFIG", namespace.cluster().kubeconfig().toString());
        var told = Command.run(
                java.util.List.of(python, "-c", script, namespace.name(), sandbox), environment, new byte[0]);
        var listed = new java.util.ArrayList<String>();
        for (var name : KubeApi.json(told.orThrow().stdout())) listed.add(name.asText());
        assertThat(listed).isEqualTo(names);
    }

    @Test
    void roundTripsByThePlugin(TestNamespace namespace, @TempDir Path folder) throws Exception {
        var bytes = new byte[3 << 20];
        new Random(2).nextBytes(bytes);
        var local = Files.write(folder.resolve("local"), bytes);
        namespace
                .kubectl()
                .sandbox("files", "put", sandbox, "by-plugin", "--file", local.toString())
                .orThrow();
        var back = folder.resolve("back");
        namespace
                .kubectl()
                .sandbox("files", "get", sandbox, "by-plugin", "-o", back.toString())
                .orThrow();
        assertThat(Files.readAllBytes(back)).isEqualTo(bytes);
        var missing = namespace.kubectl().sandbox("files", "get", sandbox, "no-such-file");
        assertThat(missing.code()).isEqualTo(1);
        assertThat(missing.stderr()).contains("no-such-file");
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
