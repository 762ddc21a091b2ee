package io.agenttier.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.api.network.Cidr;
import io.agenttier.api.port.PreviewHosts;
import io.agenttier.apiserver.resource.ConfigureLimits;
import io.agenttier.apiserver.route.InFlight;
import io.agenttier.apiserver.route.TokenBucket;
import io.agenttier.apiserver.telemetry.TraceExport;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerConfigTest {
    @Test
    void needsOnlyItsNamespace() throws Exception {
        assertThat(ServerConfig.parse(List.of("--namespace=agenttier")))
                .isEqualTo(new ServerConfig(
                        8443,
                        "agenttier",
                        "agenttier-apiserver",
                        9443,
                        "agenttier-admission",
                        List.of(),
                        null,
                        16L << 20,
                        8L << 20,
                        5L << 30,
                        5L << 30,
                        Duration.ofMinutes(10),
                        Duration.ofHours(24),
                        ConfigureLimits.DEFAULT,
                        16L << 20,
                        Duration.ofHours(24),
                        Duration.ofMinutes(15),
                        null,
                        false,
                        "info",
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(30),
                        new LoadLimits(
                                10_000,
                                1 << 20,
                                new InFlight.Bounds(2000, 500),
                                new InFlight.Bounds(5000, 500),
                                100,
                                8,
                                50,
                                new TokenBucket.Rate(0, 100),
                                new TokenBucket.Rate(0, 30))));
    }

    @Test
    void takesEveryFlag() throws Exception {
        assertThat(ServerConfig.parse(List.of(
                        "--port=0",
                        "--namespace=ns",
                        "--service=svc",
                        "--admission-port=1",
                        "--admission-service=adm",
                        "--protected-cidrs=10.0.0.0/8,fd00::/8",
                        "--preview-domain=example.com",
                        "--preview-host-template={name}-{port}.{domain}",
                        "--exec-body-bytes=1024",
                        "--exec-output-bytes=2Ki",
                        "--file-bytes=3Gi",
                        "--archive-bytes=4Gi",
                        "--start-deadline=1.5h",
                        "--terminal-retention=45s",
                        "--configure-file-bytes=1Mi",
                        "--configure-total-bytes=2Mi",
                        "--configure-files=3",
                        "--invoke-body-bytes=5Mi",
                        "--max-invoke-timeout=2h",
                        "--install-timeout=3m",
                        "--otlp-endpoint=https://collector.example:4318/base",
                        "--otlp-sample-ratio=0.25",
                        "--audit-invoke-payloads=true",
                        "--log-level=debug",
                        "--shutdown-delay=1h2m3s4ms",
                        "--shutdown-drain=500ms",
                        "--max-connections=11",
                        "--header-bytes=64Ki",
                        "--max-in-flight=7",
                        "--max-in-flight-per-user=6",
                        "--max-web-sockets=9",
                        "--max-web-sockets-per-user=8",
                        "--max-calls-per-sandbox=5",
                        "--starts-at-once=12",
                        "--max-token-reviews=4",
                        "--rate-per-user=20",
                        "--burst-per-user=21",
                        "--rate-per-ip=22",
                        "--burst-per-ip=23")))
                .isEqualTo(new ServerConfig(
                        0,
                        "ns",
                        "svc",
                        1,
                        "adm",
                        List.of(Cidr.of("10.0.0.0/8"), Cidr.of("fd00::/8")),
                        new PreviewHosts("example.com", "{name}-{port}.{domain}"),
                        1024,
                        2048,
                        3L << 30,
                        4L << 30,
                        Duration.ofMinutes(90),
                        Duration.ofSeconds(45),
                        new ConfigureLimits(1 << 20, 2 << 20, 3),
                        5L << 20,
                        Duration.ofHours(2),
                        Duration.ofMinutes(3),
                        new TraceExport(URI.create("https://collector.example:4318/base"), 0.25),
                        true,
                        "debug",
                        Duration.ofMillis(3_723_004),
                        Duration.ofMillis(500),
                        new LoadLimits(
                                11,
                                64 << 10,
                                new InFlight.Bounds(7, 6),
                                new InFlight.Bounds(9, 8),
                                5,
                                12,
                                4,
                                new TokenBucket.Rate(20, 21),
                                new TokenBucket.Rate(22, 23))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--prot=1 | unknown flag --prot: expected one of --port, --namespace",
                "--port=70000 | flag --port is \"70000\", expected a number from 0 to 65535",
                "--port= | flag --port is \"\", expected a number",
                "--file-bytes=5G | flag --file-bytes is \"5G\", expected a number of bytes such as 1048576, 16Mi or 5Gi",
                "--file-bytes=99999999999Gi | flag --file-bytes is \"99999999999Gi\", expected fewer bytes",
                "--shutdown-delay=10 | flag --shutdown-delay is \"10\", expected a duration such as 500ms, 10s or 1h30m",
                "--terminal-retention=29s | flag --terminal-retention is \"29s\", expected 30 s to 86400 s",
                "--otlp-endpoint=collector:4318 | flag --otlp-endpoint is \"collector:4318\", expected an address such as http://",
                "--otlp-endpoint=http://u:p@collector | flag --otlp-endpoint is \"http://u:p@collector\", expected an address",
                "--otlp-sample-ratio=1.5 | flag --otlp-sample-ratio is \"1.5\", expected a share from 0 to 1",
                "--otlp-sample-ratio=NaN | flag --otlp-sample-ratio is \"NaN\", expected a share from 0 to 1",
                "--log-level=loud | flag --log-level is \"loud\", expected one of error, warn, info, debug, trace",
                "--audit-invoke-payloads=yes | flag --audit-invoke-payloads is \"yes\", expected one of true, false",
                "--service=A_B | flag --service is \"A_B\", expected a name",
                "--max-in-flight=0 | flag --max-in-flight is \"0\", expected a number from 1",
                "--configure-file-bytes=33Mi | flag --configure-file-bytes is \"33Mi\", expected 1 to 33554432 bytes",
                "port | argument \"port\" is not understood: expected --key=value",
                "--namespace=b | flag --namespace is given twice",
            })
    void saysWhatIsWrong(String argument, String message) {
        assertThatThrownBy(() -> ServerConfig.parse(List.of("--namespace=a", argument)))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void refusesToStartWithoutANamespace() {
        assertThatThrownBy(() -> ServerConfig.parse(List.of()))
                .hasMessage("flag --namespace is \"\", expected a name such as agenttier");
    }
}
