package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.api.DeclaredPort;
import io.agenttier.api.ForwardedPort;
import io.agenttier.api.port.PreviewHosts;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PortsResourceTest {
    private static final DeclaredPort WEB = new DeclaredPort(8080, "http", null);
    private static final DeclaredPort DB = new DeclaredPort(5432, "tcp", "db");
    private static final PreviewHosts PREVIEWS =
            PreviewHosts.of("example.com", PreviewHosts.DEFAULT_TEMPLATE).orElseThrow();

    private final Stored stored = new Stored();

    /** Answers reads with what is stored; each write is noted. */
    private static final class Stored implements Ports {
        @Nullable
        PortSet set;

        final List<List<DeclaredPort>> written = new ArrayList<>();
        final Deque<Boolean> outcomes = new ArrayDeque<>();
        int reads;

        @Override
        public Optional<PortSet> live(String namespace, String name) {
            reads++;
            return Optional.ofNullable(set);
        }

        @Override
        public boolean apply(PortSet seen, List<DeclaredPort> own) {
            written.add(own);
            return outcomes.isEmpty() || outcomes.pop();
        }
    }

    @Test
    void addsAPortToThoseOfCalls() throws IOException {
        stored.set = set("web", List.of(WEB, DB), Set.of(8080), Map.of(5432, List.of("argocd")));
        var exchange = post("{\"port\":9090,\"protocol\":\"tcp\"}", null);
        assertThat(exchange.status()).isEqualTo(201);
        assertThat(exchange.text())
                .isEqualTo(
                        "{\"kind\":\"SandboxPort\",\"apiVersion\":\"agenttier.io/subresources-v1alpha1\",\"port\":9090,\"protocol\":\"tcp\",\"internalUrl\":\"tcp://pf-web-9090.team1.svc:9090\"}");
        assertThat(stored.written).containsExactly(List.of(WEB, new DeclaredPort(9090, "tcp", null)));
    }

    @Test
    void saysWhereThePreviewWillBe() throws IOException {
        stored.set = set("web", List.of(), Set.of(), Map.of());
        assertThat(post("{\"port\":8080}", PREVIEWS).text())
                .contains("\"protocol\":\"http\"", "\"previewUrl\":\"http://sandbox-web-8080-57601e2c28.example.com\"");
    }

    @Test
    void whatIsDeclaredByAnybodyIsThereAlready() throws IOException {
        stored.set = set("web", List.of(WEB), Set.of(), Map.of(8080, List.of("argocd")));
        assertThat(post("{\"port\":8080}", null).status()).isEqualTo(200);
        assertThat(stored.written).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "own|port 8080 of sandbox \"web\" is declared as http by a call: run \"kubectl sandbox ports remove web 8080\" first",
                "others|port 8080 of sandbox \"web\" is declared as http by \"argocd\": change spec.ports there",
                "nobody|port 8080 of sandbox \"web\" is declared as http by a field manager that is not recorded: change spec.ports there",
            })
    void anotherProtocolIsAConflict(String owner, String message) {
        stored.set = owned(owner);
        assertThat(refusal(() -> post("{\"port\":8080,\"protocol\":\"tcp\"}", null)))
                .isInstanceOf(ApiError.Conflict.class)
                .extracting(ApiError::message)
                .isEqualTo(message);
        assertThat(stored.written).isEmpty();
    }

    @Test
    void removesAPortOfCallsAlone() throws IOException {
        stored.set = set("web", List.of(WEB, DB), Set.of(8080, 5432), Map.of());
        assertThat(delete("8080").status()).isEqualTo(204);
        assertThat(stored.written).containsExactly(List.of(DB));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "others|port 8080 of sandbox \"web\" is declared by \"argocd\": remove it from spec.ports there",
                "both|port 8080 of sandbox \"web\" is declared by \"argocd\" and \"kubectl-edit\": remove it from spec.ports there",
                "nobody|port 8080 of sandbox \"web\" is declared by a field manager that is not recorded: remove it from spec.ports there",
            })
    void aPortOfAnotherManagerIsAConflictThatNamesIt(String owner, String message) {
        stored.set = owned(owner);
        assertThat(refusal(() -> delete("8080")))
                .isInstanceOf(ApiError.Conflict.class)
                .extracting(ApiError::message)
                .isEqualTo(message);
        assertThat(stored.written).isEmpty();
    }

    @Test
    void whatIsNotDeclaredIsNotFound() {
        stored.set =
                new PortSet("team1", "web", "u", "1", false, List.of(), Set.of(), Map.of(), List.of(forwarded(8080)));
        assertThat(refusal(() -> delete("9090")))
                .isInstanceOf(ApiError.NotFound.class)
                .extracting(ApiError::message)
                .isEqualTo("port 9090 is not declared in spec.ports of sandbox \"web\"");
        assertThat(refusal(() -> delete("8080")).message()).endsWith(": its template declares it, change that");
        stored.set = null;
        assertThat(refusal(() -> delete("8080"))).isInstanceOf(ApiError.NotFound.class);
        assertThat(refusal(() -> post("{\"port\":1}", null))).isInstanceOf(ApiError.NotFound.class);
    }

    @Test
    void decidesAnewWhereOthersWereFaster() throws IOException {
        stored.set = set("web", List.of(), Set.of(), Map.of());
        stored.outcomes.addAll(List.of(false, false, true));
        assertThat(post("{\"port\":8080}", null).status()).isEqualTo(201);
        assertThat(stored.reads).isEqualTo(3);
    }

    @Test
    void givesUpWhereOthersAreAlwaysFaster() {
        stored.set = set("web", List.of(), Set.of(), Map.of());
        for (int i = 0; i < 100; i++) {
            stored.outcomes.add(false);
        }
        assertThat(refusal(() -> post("{\"port\":8080}", null))).isInstanceOf(ApiError.Conflict.class);
        assertThat(stored.written).hasSize(10);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"port\":0}|400",
                "{\"port\":65536}|400",
                "{\"port\":9000}|400",
                "{\"port\":-1}|400",
                "{}|422",
                "{\"port\":1,\"protocol\":\"udp\"}|422",
                "{\"port\":1,\"kind\":\"Port\"}|422",
                "{\"port\":1,\"name\":\"web\"}|400",
                "{\"port\":\"1\"}|400",
                "[]|400",
                "|400",
            })
    void refusesABodyThatSaysNoPort(@Nullable String body, int status) {
        stored.set = set("web", List.of(), Set.of(), Map.of());
        var error = refusal(() -> post(body == null ? "" : body, null));
        assertThat(error).isInstanceOf(status == 400 ? ApiError.BadRequest.class : ApiError.Invalid.class);
        assertThat(stored.written).isEmpty();
    }

    @Test
    void refusesAPortThatHasNoRoomInTheName() {
        stored.set = set("n".repeat(39), List.of(), Set.of(), Map.of());
        assertThat(refusal(() -> post("{\"port\":8080}", PREVIEWS)).message()).contains("at most 38 characters");
        stored.set = set("n".repeat(55), List.of(), Set.of(), Map.of());
        assertThat(refusal(() -> post("{\"port\":8080}", null)).message()).contains("at most 54 characters");
    }

    @Test
    void refusesAPortOfASandboxThatIsBeingDeleted() {
        stored.set = new PortSet("team1", "web", "u", "1", true, List.of(), Set.of(), Map.of(), List.of());
        assertThat(refusal(() -> post("{\"port\":8080}", null))).isInstanceOf(ApiError.Conflict.class);
    }

    @Test
    void listsWhatIsReachableAndWhatIsDeclaredOnly() throws IOException {
        stored.set = new PortSet(
                "team1", "web", "u", "1", false, List.of(WEB, DB), Set.of(), Map.of(), List.of(forwarded(8080)));
        var exchange = FakeExchange.with("");
        new PortsResource(stored, null).serve(Calls.get("ports").call(), exchange);
        assertThat(exchange.text())
                .contains(
                        "\"kind\":\"SandboxPortList\"",
                        "\"items\":[{\"port\":5432,\"protocol\":\"tcp\"},{\"port\":8080,\"protocol\":\"http\",\"internalUrl\":\"http://x\"}]");
    }

    private static ForwardedPort forwarded(int port) {
        return new ForwardedPort(port, "http", "http://x", null);
    }

    private static PortSet owned(String owner) {
        return set(
                "web",
                List.of(WEB),
                owner.equals("own") || owner.equals("both") ? Set.of(8080) : Set.of(),
                switch (owner) {
                    case "others" -> Map.of(8080, List.of("argocd"));
                    case "both" -> Map.of(8080, List.of("argocd", "kubectl-edit"));
                    default -> Map.of();
                });
    }

    private static PortSet set(
            String name, List<DeclaredPort> declared, Set<Integer> own, Map<Integer, List<String>> others) {
        return new PortSet("team1", name, "uid", "7", false, declared, own, others, List.of());
    }

    private FakeExchange post(String body, @Nullable PreviewHosts previews) throws IOException {
        var exchange = FakeExchange.with(body);
        new PortsResource(stored, previews).serve(Calls.post("ports").call(), exchange);
        return exchange;
    }

    private FakeExchange delete(String port) throws IOException {
        var exchange = FakeExchange.with("");
        new PortsResource(stored, null)
                .serve(Calls.delete("ports").query("port", port).call(), exchange);
        return exchange;
    }

    private interface Serving {
        Object serve() throws IOException;
    }

    private static ApiError refusal(Serving serving) {
        var thrown = new ApiError[1];
        assertThatThrownBy(serving::serve).isInstanceOfSatisfying(ApiException.class, e -> thrown[0] = e.error());
        return thrown[0];
    }
}
