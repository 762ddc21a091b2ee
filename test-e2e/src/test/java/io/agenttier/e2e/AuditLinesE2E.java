package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.agenttier.e2e.client.AuditLogs;
import io.agenttier.e2e.client.Hashes;
import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.client.RawSocket;
import io.agenttier.e2e.client.SseStream;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import okio.ByteString;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Every call has a line in both audit logs under one id, and ours says what became of it ({@code docs/audit.md}). */
@Tag("e2e")
@Timeout(120)
@ExtendWith(ClusterExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuditLinesE2E {
    private static final String V5 = "v5.channel.k8s.io";
    private static final ByteString END_OF_STDIN = ByteString.of((byte) 255, (byte) 0);
    private static final int WEB = 7002;

    /** Annotations that a call's line must have, by {@code auditID}; values are regular expressions. */
    private final Map<String, Map<String, String>> wanted = new LinkedHashMap<>();

    private TestNamespace namespace;
    private String sandbox;

    @BeforeAll
    void start(TestNamespace ofThisClass) {
        AuditLogs.assumeReadable();
        namespace = ofThisClass;
        sandbox = namespace.ready("mode: agent", "ports: [{port: 7002}]");
    }

    /**
     * A client whose next call is to be found under an id of its own.
     *
     * @param notes keys without their prefix, each followed by its value
     */
    private KubeApi call(String... notes) {
        var id = UUID.randomUUID().toString();
        var all = new LinkedHashMap<String, String>();
        for (int i = 0; i < notes.length; i += 2) {
            all.put(notes[i], notes[i + 1]);
        }
        wanted.put(id, all);
        return namespace.api().with("Audit-ID", id);
    }

    private String path(String subresource) {
        return namespace.path(sandbox, subresource);
    }

    private static String argv(String... argv) {
        return HexFormat.of().formatHex(Hashes.sha256().digest(KubeApi.bytes(argv)));
    }

    @Test
    void haveEachCallAndWhatBecameOfIt() throws Exception {
        var process = execute();
        var web = serveWeb();
        agent();
        files();
        ports();
        sockets(web);
        call("process", process, "exit-code", "3", "exit-reason", "completed", "bytes-stdout", "2", "bytes-stderr", "2")
                .get(path("log?follow=true&process=" + process));
        call("process", web, "signal", "TERM").delete(path("processes?signal=TERM&process=" + web));
        namespace.kubectl().run("get", "--raw", path("processes")).orThrow();
        call("bytes-response", "\\d+").post(path("stop"), Map.of());
        call("bytes-response", "\\d+").post(path("resume"), Map.of());
        var logs = new AuditLogs(namespace);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> compare(logs.kube(), logs.ours()));
    }

    private void compare(Map<String, JsonNode> kube, Map<String, JsonNode> ours) {
        assertThat(ours.keySet()).containsAll(wanted.keySet()).isEqualTo(kube.keySet());
        ours.forEach((id, line) -> {
            var theirs = kube.getOrDefault(id, MissingNode.getInstance());
            for (var place : List.of("/objectRef/subresource", "/objectRef/name", "/verb", "/user/username")) {
                assertThat(line.at(place)).as(place + " of " + line).isEqualTo(theirs.at(place));
            }
            assertThat(line.at("/responseStatus/code").asInt())
                    .as("code of " + line)
                    .isEqualTo(theirs.at("/responseStatus/code").asInt());
        });
        wanted.forEach((id, notes) ->
                notes.forEach((key, value) -> assertThat(ours.getOrDefault(id, MissingNode.getInstance())
                                .path("annotations")
                                .path("agenttier.io/" + key)
                                .asText())
                        .as("%s of %s", key, ours.get(id))
                        .matches(value)));
        assertThat(kube.values().stream()
                        .map(line -> line.at("/objectRef/subresource").asText())
                        .collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(
                        "exec",
                        "attach",
                        "log",
                        "processes",
                        "configure",
                        "invoke",
                        "files",
                        "archive",
                        "ports",
                        "proxy",
                        "portforward",
                        "stop",
                        "resume");
    }

    /** As one document and as events; gives the id of the first. */
    private String execute() throws IOException {
        var script = "cat >/dev/null; echo o; echo e >&2; exit 3";
        var body = Map.of("script", script, "stdin", "in");
        String[] notes = {
            "process", "exec-[0-9a-f]{24}",
            "argv-sha256", argv("sh", "-c", script),
            "exit-code", "3",
            "exit-reason", "completed",
            "bytes-stdin", "2",
            "bytes-stdout", "2",
            "bytes-stderr", "2"
        };
        var first = call(notes).post(path("exec"), body).json();
        var events = call(notes)
                .with("Accept", "text/event-stream")
                .open("POST", path("exec"), KubeApi.bytes(body), "application/json");
        try (var stream = new SseStream(events)) {
            stream.await("exit");
        }
        return first.path("process").asText();
    }

    /** Detached. */
    private String serveWeb() {
        String[] command = {"httpd", "-f", "-p", "127.0.0.1:" + WEB, "-h", "/workspace"};
        return call("process", "exec-.*", "argv-sha256", argv(command), "bytes-stdin", "0")
                .post(path("exec"), Map.of("command", command, "detach", true))
                .json()
                .path("process")
                .asText();
    }

    private void agent() {
        var configured = call(
                        "process", "install-.*",
                        "files", "1",
                        "argv-sha256", argv("echo", "installing"),
                        "entrypoint-sha256", argv("sh", "/workspace/agent.sh"),
                        "exit-code", "0",
                        "bytes-request", "\\d+")
                .post(
                        path("configure"),
                        Map.of(
                                "files", List.of(Map.of("path", "/workspace/agent.sh", "content", "cat\n")),
                                "installCommand", List.of("echo", "installing"),
                                "entrypoint", List.of("sh", "/workspace/agent.sh")));
        assertThat(configured.code()).as(configured.toString()).isEqualTo(200);
        var invoked = call(
                        "process", "inv-.*",
                        "argv-sha256", argv("sh", "/workspace/agent.sh"),
                        "exit-code", "0",
                        "bytes-stdin", "5",
                        "bytes-stdout", "5")
                .call("POST", path("invoke"), "hello".getBytes(StandardCharsets.UTF_8), "text/plain");
        assertThat(invoked.code()).as(invoked.toString()).isEqualTo(200);
    }

    private void files() {
        var octets = "application/octet-stream";
        call("operation", "write", "bytes", "4", "bytes-request", "4")
                .call("PUT", path("files?path=d/f"), "four".getBytes(StandardCharsets.UTF_8), octets);
        call("operation", "read", "bytes", "4", "bytes-response", "4").get(path("files?path=d/f"));
        call("operation", "list").get(path("files?path=d&list=true"));
        call("operation", "mkdir", "path", "e").post(path("files"), Map.of("operation", "mkdir", "path", "e"));
        var archive = call("process", "arch-.*", "exit-code", "0", "bytes-stdout", "\\d{2,}")
                .get(path("archive?path=d"));
        call("files", "\\d+", "bytes", "4").call("PUT", path("archive?path=e"), archive.body(), octets);
        call("operation", "remove").delete(path("files?path=e&recursive=true"));
    }

    private void ports() {
        call("bytes-response", "\\d+").get(path("ports"));
        call("port", "7003").post(path("ports"), Map.of("port", 7003));
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> namespace.api().get(path("proxy/7002/d/f")).code() == 200);
        call("port", "7002", "port-status", "200", "bytes-from-port", "4", "bytes-to-port", "0")
                .get(path("proxy/7002/d/f"));
    }

    private void sockets(String web) throws Exception {
        var exec = new RawSocket();
        var sent = call(
                        "process", "exec-.*",
                        "argv-sha256", argv("cat"),
                        "exit-code", "0",
                        "bytes-stdin", "2",
                        "bytes-stdout", "2",
                        "close-code", "1000")
                .socket(path("exec?command=cat&stdin=true&stdout=true"), V5, exec);
        assertThat(exec.answer().code()).isEqualTo(101);
        sent.send(RawSocket.message(0, "ws"));
        sent.send(END_OF_STDIN);
        assertThat(exec.closeCode()).isEqualTo(1000);

        var attach = new RawSocket();
        var watching = call("process", web, "bytes-stdout", "0", "close-reason", "the client left")
                .socket(path("attach?process=" + web), V5, attach);
        assertThat(attach.answer().code()).isEqualTo(101);
        watching.cancel();

        var forward = new RawSocket();
        var forwarding = call("port", "7002", "bytes-to-port", "0", "close-reason", "the client left")
                .socket(path("portforward?port=7002"), V5, forward);
        assertThat(forward.answer().code()).isEqualTo(101);
        forwarding.cancel();
    }
}
