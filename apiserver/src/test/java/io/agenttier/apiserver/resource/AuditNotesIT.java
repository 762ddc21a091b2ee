package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.Agent;
import io.agenttier.apiserver.codec.CanonicalJson;
import io.agenttier.apiserver.route.Subresource;
import io.agenttier.apiserver.sandboxd.FakeSandboxd;
import io.agenttier.apiserver.sandboxd.PodAuthority;
import io.agenttier.apiserver.sandboxd.PodBound;
import io.agenttier.apiserver.sandboxd.RealSandboxd;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import io.agenttier.apiserver.sandboxd.Signer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** What audit lines say of calls that the real daemon serves. Runs where system property {@code agenttier.sandboxd} names its binary. */
@EnabledIfSystemProperty(named = "agenttier.sandboxd", matches = ".+")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class AuditNotesIT {
    private static final List<String> ENTRYPOINT = List.of("sh", "/workspace/agent.sh");
    private static final SandboxState BOX = FakeSandboxes.agent(
            AgentState.agent("langgraph", false, new Agent(ENTRYPOINT, List.of(), null, List.of(), 4, "10m"), null));

    /** A second after each call was received. */
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.EPOCH.plusSeconds(1));

    private final PodAuthority authority = new PodAuthority();
    private final Signer signer = authority.signer();
    private final FakeSandboxes sandboxes = new FakeSandboxes().cached(BOX).live(BOX);
    private final SandboxdClient client =
            new SandboxdClient(() -> Optional.of(signer), InstantSource.system(), new PodBound(100, () -> {}));
    private final Map<String, Subresource> subresources = SandboxdIT.subresources(sandboxes, client, CLOCK);
    private RealSandboxd daemon;

    @BeforeAll
    void start(@TempDir Path root) throws IOException {
        daemon = new RealSandboxd(
                Path.of(System.getProperty("agenttier.sandboxd")), root, authority, FakeSandboxd.INCARNATION);
    }

    @AfterAll
    void stop() throws IOException {
        client.close();
        daemon.close();
    }

    @Test
    void sayWhatBecameOfACallAndNothingOfItsContent() throws IOException {
        var program = "cat; echo canary >&2; exit 7";
        assertThat(notes(Calls.put("files").query("path", "agent.sh"), program))
                .isEqualTo(Map.of("operation", "write", "bytes", Integer.toString(program.length())));
        assertThat(notes(Calls.get("files").query("path", "agent.sh"), ""))
                .isEqualTo(Map.of("operation", "read", "bytes", Integer.toString(program.length())));

        var invoked = notes(Calls.post("invoke"), "canary");
        assertThat(invoked.remove("process")).startsWith("inv-");
        assertThat(invoked)
                .isEqualTo(Map.of(
                        "argv-sha256", CanonicalJson.sha256(ENTRYPOINT),
                        "exit-reason", "completed",
                        "exit-code", "7",
                        "bytes-stdin", "6",
                        "bytes-stdout", "6",
                        "bytes-stderr", "7"));

        var install = List.of("sh", "-c", "echo canary; echo canary >&2", "canary");
        var body = """
                {"files":[{"path":"/workspace/f","content":"canary"}],"installCommand":%s,"entrypoint":["sh","/workspace/agent.sh"]}""".formatted(CanonicalJson.of(install));
        var configured = notes(Calls.post("configure"), body);
        var process = configured.remove("process");
        assertThat(process).startsWith("install-");
        assertThat(configured)
                .isEqualTo(Map.of(
                        "files", "1",
                        "argv-sha256", CanonicalJson.sha256(install),
                        "entrypoint-sha256", CanonicalJson.sha256(ENTRYPOINT),
                        "exit-reason", "completed",
                        "exit-code", "0",
                        "bytes-stdout", "7",
                        "bytes-stderr", "7"));
        assertThat(notes(Calls.get("log").query("source", "install"), ""))
                .containsEntry("process", String.valueOf(process))
                .containsEntry("bytes-stdout", "7")
                .containsEntry("bytes-stderr", "7");

        var archived = notes(Calls.get("archive"), "");
        assertThat(archived.remove("process")).startsWith("arch-");
        assertThat(archived).containsEntry("exit-code", "0").containsKey("bytes-stdout");
    }

    private Map<String, String> notes(Calls calls, String body) throws IOException {
        var exchange = FakeExchange.with(body);
        Objects.requireNonNull(subresources.get(calls.subresource())).serve(calls.call(), exchange);
        assertThat(exchange.status()).as(exchange.text()).isBetween(200, 201);
        assertThat(exchange.notes.toString()).doesNotContain("canary");
        return exchange.notes;
    }
}
