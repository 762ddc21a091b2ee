package io.agenttier.api.port;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.DeclaredPort;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreviewHostsTest {
    private static final PreviewHosts HOSTS = PreviewHosts.of("preview.example.com", PreviewHosts.DEFAULT_TEMPLATE)
            .orElseThrow();
    private static final DeclaredPort HTTP = new DeclaredPort(8080, null, null);
    private static final DeclaredPort TCP = new DeclaredPort(5432, "tcp", null);

    @Test
    void namesHostsOfSandboxesOfTheSameNameApart() {
        assertThat(HOSTS.host("demo", "team1", 8080)).isEqualTo("sandbox-demo-8080-57601e2c28.preview.example.com");
        assertThat(HOSTS.host("demo", "team2", 8080)).isNotEqualTo(HOSTS.host("demo", "team1", 8080));
    }

    @ParameterizedTest
    @CsvSource({
        "sandbox-{name}-{port}-{nshash}.{domain}, 38",
        "sandbox-{name}-{port}.{domain}, 49",
        "{port}.{name}.{domain}, 63",
        "{name}-{name}-{port}.{domain}, 28",
        "{name}.{name}-{port}.{domain}, 57",
    })
    void leavesRoomForTheLongestPort(String template, int longest) {
        var hosts = PreviewHosts.of("example.com", template).orElseThrow();
        assertThat(hosts.sandboxNameMax()).isEqualTo(longest);
        for (var label : hosts.host("n".repeat(longest), "team1", 65_535).split("\\.", -1)) {
            assertThat(label.length()).isLessThanOrEqualTo(63);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{name}-{port}",
                "{domain}",
                "{name}.{domain}",
                "{port}.{domain}",
                "{name}-{port}.{domain}.example.org",
                "{name}-{port}-{namespace}.{domain}",
                "-{name}-{port}.{domain}",
                "{name}-{port}-.{domain}",
                "{name}..{port}.{domain}",
                "A{name}-{port}.{domain}",
                "{name}-{port}/x.{domain}",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{name}-{port}-.{domain}",
                "{name}-{port}.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.{domain}",
            })
    void refusesATemplateWithoutAHostForEach(String template) {
        assertThat(PreviewHosts.of("example.com", template)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Example.com", "*.example.com", ".example.com", "example.com.", "example.com/x", "a b"})
    void refusesWhatIsNoDomain(String domain) {
        assertThat(PreviewHosts.of(domain, PreviewHosts.DEFAULT_TEMPLATE)).isEmpty();
    }

    @Test
    void refusesADomainThatMakesHostsTooLong() {
        var domain = "a234567890.".repeat(18) + "example.com";
        assertThat(PreviewHosts.of(domain, PreviewHosts.DEFAULT_TEMPLATE)).isEmpty();
    }

    @Test
    void namesHaveRoomForTheirPorts() {
        assertThat(PortNames.problem("n".repeat(63), List.of(), HOSTS)).isEmpty();
        assertThat(PortNames.problem("n".repeat(54), List.of(HTTP, TCP), null)).isEmpty();
        assertThat(PortNames.problem("n".repeat(54), List.of(TCP), HOSTS)).isEmpty();
        assertThat(PortNames.problem("n".repeat(38), List.of(HTTP), HOSTS)).isEmpty();
        assertThat(PortNames.problem("n".repeat(55), List.of(TCP), null))
                .hasValueSatisfying(text -> assertThat(text).contains("at most 54 characters", "has 55"));
        assertThat(PortNames.problem("n".repeat(39), List.of(TCP, HTTP), HOSTS))
                .hasValueSatisfying(text ->
                        assertThat(text).contains("at most 38 characters", "has 39", "declare the port as tcp"));
    }

    @Test
    void addressesSayWhereAPortIs() {
        assertThat(PortAddress.internalUrl("team1", "demo", HTTP)).isEqualTo("http://pf-demo-8080.team1.svc:8080");
        assertThat(PortAddress.internalUrl("team1", "demo", TCP)).isEqualTo("tcp://pf-demo-5432.team1.svc:5432");
        assertThat(PortAddress.previewUrl("team1", "demo", HTTP, HOSTS))
                .isEqualTo("http://sandbox-demo-8080-57601e2c28.preview.example.com");
        assertThat(PortAddress.previewUrl("team1", "demo", TCP, HOSTS)).isNull();
        assertThat(PortAddress.previewUrl("team1", "demo", HTTP, null)).isNull();
        assertThat(PortAddress.previewUrl("team1", "n".repeat(39), HTTP, HOSTS)).isNull();
    }
}
