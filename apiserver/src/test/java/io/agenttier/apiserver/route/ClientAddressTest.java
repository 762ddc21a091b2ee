package io.agenttier.apiserver.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClientAddressTest {
    private static Incoming incoming(String source, String... forwardedFor) {
        return new Incoming(
                "GET", "/", Map.of("x-forwarded-for", List.of(forwardedFor)), List.of(), source, Instant.EPOCH);
    }

    @Test
    void believesAFrontProxyTheLastHopAlone() {
        var spoofed = "198.51.100.1, ".repeat(40) + "192.0.2.7";
        assertThat(ClientAddress.of(incoming("10.0.0.1", spoofed), true)).contains("192.0.2.7");
        assertThat(ClientAddress.of(incoming("10.0.0.1", "198.51.100.1", "192.0.2.8"), true))
                .contains("192.0.2.8");
    }

    @Test
    void countsADirectCallByItsPeerWhateverItSays() {
        assertThat(ClientAddress.of(incoming("10.0.0.1", "192.0.2.7"), false)).contains("10.0.0.1");
    }

    @Test
    void knowsNoAddressWhereAFrontProxyNamesNone() {
        assertThat(ClientAddress.of(incoming("10.0.0.1"), true)).isEmpty();
        assertThat(ClientAddress.of(incoming("10.0.0.1", "192.0.2.7, "), true)).isEmpty();
        assertThat(ClientAddress.of(incoming("10.0.0.1", "x".repeat(46)), true)).isEmpty();
    }

    @Test
    void countsAddressesOfVersion6ByTheirNetwork() {
        assertThat(ClientAddress.of(incoming("10.0.0.1", "2001:db8:1:2:3:4:5:6"), true))
                .isEqualTo(ClientAddress.of(incoming("10.0.0.1", "2001:db8:1:2::1"), true))
                .contains("2001:db8:1:2:0:0:0:0/64");
        assertThat(ClientAddress.of(incoming("10.0.0.1", "unknown"), true)).contains("unknown");
    }
}
