package io.agenttier.controller.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.api.merge.ClusterDefaults;
import io.agenttier.api.network.Cidr;
import io.agenttier.api.port.PreviewHosts;
import io.agenttier.controller.plan.DnsRule;
import io.agenttier.controller.plan.Injection;
import io.agenttier.controller.plan.Peers;
import io.agenttier.controller.plan.Previews;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControllerConfigTest {
    private static ControllerConfig parse(String... further) {
        var args = new ArrayList<>(List.of("--namespace=agenttier", "--sandboxd-image=i"));
        args.addAll(List.of(further));
        return ControllerConfig.parse(args);
    }

    @Test
    void defaults() {
        var config = parse();
        assertThat(config.metricsPort()).isEqualTo(8081);
        assertThat(config.healthPort()).isEqualTo(8082);
        assertThat(config.leaderElect()).isTrue();
        assertThat(config.injection()).isEqualTo(Injection.Choice.AUTO);
        assertThat(config.apiService()).isEqualTo("subresources-v1alpha1.agenttier.io");
        assertThat(config.service()).isEqualTo("agenttier-apiserver");
        assertThat(config.maxConcurrency()).isEqualTo(10);
        assertThat(config.logLevel()).isEqualTo("info");
        var settings = config.settings();
        assertThat(settings.namespace()).isEqualTo("agenttier");
        assertThat(settings.sandboxdImage()).isEqualTo("i");
        assertThat(settings.spoolBytes()).isEqualTo(1L << 30);
        assertThat(settings.disconnectGrace()).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.startDeadline()).isEqualTo(Duration.ofMinutes(10));
        assertThat(settings.initTimeout()).isEqualTo(Duration.ofMinutes(10));
        assertThat(settings.hookTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.defaults()).isEqualTo(ClusterDefaults.BUILT_IN);
        assertThat(settings.dns())
                .isEqualTo(new DnsRule.Cluster(new Peers("kube-system", Map.of("k8s-app", "kube-dns"), List.of())));
        assertThat(settings.protectedCidrs())
                .extracting(Cidr::text)
                .containsExactly("169.254.0.0/16", "168.63.129.16/32");
    }

    @Test
    void everyArgumentAtAnotherValue() {
        var config = ControllerConfig.parse(List.of(
                "--namespace=n",
                "--sandboxd-image=s",
                "--metrics-port=1",
                "--health-port=2",
                "--leader-elect=false",
                "--sandboxd-injection=initContainer",
                "--spool-bytes=2Gi",
                "--disconnect-grace=5s",
                "--start-deadline=1m",
                "--init-timeout=2m",
                "--hook-timeout=3s",
                "--default-resources={\"requests\":{\"cpu\":\"1\"},\"limits\":{\"memory\":\"2Gi\"}}",
                "--default-storage-size=5Gi",
                "--default-mount-path=/home/agent",
                "--default-allow-internet=true",
                "--auto-stop-grace=1m",
                "--node-loss-deadline=2m",
                "--default-timeout=24h",
                "--default-idle-timeout=0",
                "--dns={\"namespace\":\"dns\",\"labels\":{\"a\":\"b\"},\"cidrs\":[\"10.0.0.10/32\"]}",
                "--protected-cidrs=192.0.2.0/24",
                "--preview-domain=example.com",
                "--preview-host-template={name}-{port}.{domain}",
                "--preview-ingress-class=nginx",
                "--preview-ingress-annotations={\"a\":\"b\"}",
                "--preview-ingress-selector={\"namespace\":\"n\",\"labels\":{\"a\":\"b\"}}",
                "--api-service=x.agenttier.io",
                "--service=other",
                "--max-concurrency=3",
                "--log-level=debug"));
        assertThat(config.metricsPort()).isEqualTo(1);
        assertThat(config.healthPort()).isEqualTo(2);
        assertThat(config.leaderElect()).isFalse();
        assertThat(config.injection()).isEqualTo(Injection.Choice.INIT_CONTAINER);
        assertThat(config.apiService()).isEqualTo("x.agenttier.io");
        assertThat(config.service()).isEqualTo("other");
        assertThat(config.maxConcurrency()).isEqualTo(3);
        assertThat(config.logLevel()).isEqualTo("debug");
        var settings = config.settings();
        assertThat(settings.spoolBytes()).isEqualTo(2L << 30);
        assertThat(settings.disconnectGrace()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.startDeadline()).isEqualTo(Duration.ofMinutes(1));
        assertThat(settings.initTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(settings.hookTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.defaults().resources().requests()).containsExactly(Map.entry("cpu", "1"));
        assertThat(settings.defaults().storageSize()).isEqualTo("5Gi");
        assertThat(settings.defaults().mountPath()).isEqualTo("/home/agent");
        assertThat(settings.defaults().allowInternet()).isTrue();
        assertThat(settings.autoStopGrace()).isEqualTo(Duration.ofMinutes(1));
        assertThat(settings.nodeLossDeadline()).isEqualTo(Duration.ofMinutes(2));
        assertThat(settings.defaults().timeout()).isEqualTo("24h");
        assertThat(settings.defaults().idleTimeout()).isEqualTo("0");
        assertThat(settings.dns())
                .isEqualTo(new DnsRule.Cluster(new Peers("dns", Map.of("a", "b"), List.of("10.0.0.10/32"))));
        assertThat(settings.protectedCidrs()).extracting(Cidr::text).containsExactly("192.0.2.0/24");
        assertThat(settings.previews())
                .isEqualTo(new Previews(
                        new PreviewHosts("example.com", "{name}-{port}.{domain}"),
                        "nginx",
                        Map.of("a", "b"),
                        new Peers("n", Map.of("a", "b"), List.of())));
        assertThat(parse("--preview-domain=example.com").settings().previews())
                .isEqualTo(new Previews(
                        new PreviewHosts("example.com", PreviewHosts.DEFAULT_TEMPLATE), "", Map.of(), Peers.NONE));
        assertThat(parse("--preview-host-template=x").settings().previews()).isNull();
        assertThat(parse("--dns=any").settings().dns()).isEqualTo(new DnsRule.Any());
        assertThat(parse("--protected-cidrs=").settings().protectedCidrs()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--metrics-port=65536 | --metrics-port=65536: expected a number from 0 to 65535",
                "--leader-elect=yes | --leader-elect=yes: expected true or false",
                "--start-deadline=10 | --start-deadline=10: expected a duration such as 10s or 5m",
                "--start-deadline=0 | --start-deadline=0: expected a duration such as 10s or 5m",
                "--spool-bytes=-1 | expected a number of bytes",
                "--sandboxd-injection=both | expected auto, imageVolume or initContainer",
                "--dns={\"labels\":{\"a\":\"b\"}} | expected any, or JSON such as",
                "--dns=none | expected any, or JSON such as",
                "--dns={\"cidrs\":[\"x\"]} | expected ranges of addresses",
                "--protected-cidrs=10.0.0.0 | expected ranges of addresses",
                "--default-resources={\"limits\":{\"cpu\":\"x\"}} | --default-resources=",
                "--default-mount-path=workspace | expected an absolute path",
                "--default-timeout=soon | --default-timeout=soon: expected a duration such as 8h, or 0 for endless",
                "--preview-domain=Example | --preview-domain such as preview.example.com, which is \"Example\"",
                "--preview-domain=a.b --preview-host-template={name}.{domain} | --preview-host-template={name}.{domain}: expected",
                "--preview-domain=a.b --preview-ingress-annotations=[1] | --preview-ingress-annotations=[1]: expected JSON such as",
                "--preview-domain=a.b --preview-ingress-selector={\"labels\":{\"a\":\"b\"}} | expected JSON such as",
                "--log-level=loud | expected trace, debug, info, warn or error",
                "--no-such=1 | --no-such is not known; known are --admission-service",
                "verbose | argument \"verbose\": expected --key=value",
                "--namespace=again | --namespace is given twice"
            })
    void wrongArgumentIsNamedWithWhatWasExpected(String arg, String message) {
        assertThatThrownBy(() -> parse(arg.split(" (?=--)")))
                .isInstanceOf(ConfigError.class)
                .hasMessageContaining(message);
    }

    @Test
    void missingArgumentIsNamed() {
        assertThatThrownBy(() -> ControllerConfig.parse(List.of("--namespace=n")))
                .isInstanceOf(ConfigError.class)
                .hasMessage("--sandboxd-image is missing");
    }

    @Test
    void uninstallTakesTheSameArguments() {
        assertThat(ControllerConfig.apiService(List.of())).isEqualTo("subresources-v1alpha1.agenttier.io");
        assertThat(ControllerConfig.apiService(List.of("--api-service=x", "--namespace=n")))
                .isEqualTo("x");
    }
}
