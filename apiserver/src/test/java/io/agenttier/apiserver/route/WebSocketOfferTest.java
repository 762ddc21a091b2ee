package io.agenttier.apiserver.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.apiserver.auth.User;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.telemetry.RequestSpan;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebSocketOfferTest {
    private static final List<String> SERVED = List.of("v5.channel.k8s.io", "v4.channel.k8s.io");

    private final Map<String, List<String>> headers = new HashMap<>(Map.of(
            "connection", List.of("keep-alive, Upgrade"),
            "upgrade", List.of("WebSocket"),
            "sec-websocket-version", List.of("13"),
            "sec-websocket-key", List.of("dGhlIHNhbXBsZSBub25jZQ=="),
            "sec-websocket-protocol", List.of("v4.channel.k8s.io, v5.channel.k8s.io")));

    private WebSocketOffer.Agreed agree(String method) {
        var user = new User("alice", "", List.of(), Map.of());
        var call = new Call(
                method,
                "team1",
                "web",
                "exec",
                "",
                "",
                Map.of(),
                headers,
                new Origin(List.of(), ""),
                user,
                "audit-1",
                Instant.EPOCH,
                RequestSpan.NONE);
        return WebSocketOffer.agree(call, SERVED, "or POST");
    }

    @Test
    void choosesWhatTheClientPutsFirst() {
        assertThat(agree("GET").protocol()).isEqualTo("v4.channel.k8s.io");
        headers.put("sec-websocket-protocol", List.of("v6.channel.k8s.io", "v5.channel.k8s.io"));
        assertThat(agree("GET").protocol()).isEqualTo("v5.channel.k8s.io");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "upgrade|SPDY/3.1|Sec-WebSocket-Protocol: v5.channel.k8s.io, v4.channel.k8s.io",
                "upgrade|websocket, h2c|send",
                "connection|keep-alive|or POST",
                "sec-websocket-version|8|\"8\", expected 13",
                "sec-websocket-key|c2hvcnQ=|16 bytes",
                "sec-websocket-key|%%%|16 bytes",
                "sec-websocket-protocol|channel.k8s.io|offers \"channel.k8s.io\"",
                "sec-websocket-protocol|,|offers nothing",
                "content-length|1|no body",
                "transfer-encoding|chunked|no body",
            })
    void namesWhatIsWrong(String header, String value, String message) {
        headers.put(header, List.of(value));
        assertThatThrownBy(() -> agree("GET"))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.BadRequest.class))
                .hasMessageContaining(message);
    }

    @Test
    void isOpenedByGetOnly() {
        assertThatThrownBy(() -> agree("POST")).hasMessageContaining("not by POST");
    }

    @Test
    void refusesTwoKeys() {
        headers.put("sec-websocket-key", List.of("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="));
        assertThatThrownBy(() -> agree("GET")).hasMessageContaining("given once");
    }
}
