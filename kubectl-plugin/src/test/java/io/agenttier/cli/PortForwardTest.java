package io.agenttier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.cli.fake.Cluster;
import io.agenttier.cli.fake.FakeApiServer;
import io.agenttier.cli.fake.FakeSocket;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code port-forward} and {@code open}, against a server that plays the port. */
@Timeout(60)
class PortForwardTest {
    private static final String SUCCESS = "{\"status\":\"Success\"}";

    private FakeApiServer server;
    private CliRun cli;
    private BufferedReader lines;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        server = new FakeApiServer();
        var told = new PipedOutputStream();
        lines = new BufferedReader(new InputStreamReader(new PipedInputStream(told), StandardCharsets.UTF_8));
        cli = new CliRun(Cluster.kubeconfig(folder, server)).writingTo(told);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private interface Port {
        void serve(FakeSocket socket) throws Exception;
    }

    private void playing(Port port) {
        server.answering((call, reply) -> port.serve(reply.forwarded(call)));
    }

    /** Runs it and connects to the port that it says it listens on. */
    private Socket connect(CompletableFuture<Integer> run) throws IOException {
        var line = lines.readLine();
        assertThat(line).startsWith("Forwarding from 127.0.0.1:").endsWith(" -> 8080");
        assertThat(run).isNotDone();
        int port = Integer.parseInt(line.replaceAll(".*:([0-9]+) -> .*", "$1"));
        return new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
    }

    private CompletableFuture<Integer> forward(String... words) {
        var all = new String[words.length + 2];
        all[0] = "port-forward";
        all[1] = "web";
        System.arraycopy(words, 0, all, 2, words.length);
        return CompletableFuture.supplyAsync(() -> cli.run(all));
    }

    @Test
    void carriesBytesBothWaysAndTheEndOfEach() throws Exception {
        var random = new byte[2 << 20];
        new Random(3).nextBytes(random);
        playing(socket -> {
            int received = 0;
            for (var message = socket.receive();
                    (message[0] & 0xFF) != FakeSocket.HALF_CLOSE;
                    message = socket.receive()) {
                received += message.length - 1;
                socket.send(FakeSocket.STDOUT, Arrays.copyOfRange(message, 1, message.length));
            }
            socket.send(FakeSocket.STDOUT, " end of " + received);
            socket.send(FakeSocket.HALF_CLOSE, new byte[] {FakeSocket.STDOUT});
            socket.end(SUCCESS, 1000, "");
        });
        var run = forward(":8080");
        try (var client = connect(run)) {
            var writing = CompletableFuture.runAsync(() -> {
                try {
                    client.getOutputStream().write(random);
                    client.shutdownOutput();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            var got = client.getInputStream().readAllBytes();
            writing.join();
            assertThat(Arrays.copyOf(got, random.length)).isEqualTo(random);
            assertThat(new String(got, random.length, got.length - random.length, StandardCharsets.UTF_8))
                    .isEqualTo(" end of " + random.length);
        }
        assertThat(server.calls().getFirst().path()).endsWith("/sandboxes/web/portforward");
        cli.interrupts.begin();
        assertThat(run.join()).isEqualTo(130);
    }

    @Test
    void tellsForEachConnectionThatNothingListensAndGoesOn() throws Exception {
        server.answering(
                (call, reply) -> reply.status(502, "BadGateway", "nothing listens on port 8080 of the sandbox"));
        var run = forward(":8080");
        try (var client = connect(run)) {
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        assertThat(cli.stderr())
                .contains("connection to port 8080 of web: ", "nothing listens on port 8080 of the sandbox");
        assertThat(run).isNotDone();
        cli.interrupts.begin();
        assertThat(run.join()).isEqualTo(130);
    }

    @Test
    void endsWhenNoConnectionCanEverBeMade() throws Exception {
        server.answering((call, reply) -> reply.status(403, "Forbidden", "not yours"));
        var run = forward(":8080");
        try (var client = connect(run)) {
            assertThat(run.join()).isEqualTo(1);
            assertThat(client.isConnected()).isTrue();
        }
        assertThat(cli.stderr()).contains("Error from server (Forbidden): not yours");
    }

    @Test
    void resetsAConnectionThatWasCutSoThatNobodyTakesItForTheWhole() throws Exception {
        playing(socket -> {
            socket.send(FakeSocket.STDOUT, "half");
            socket.receive();
            socket.end("{\"status\":\"Failure\",\"reason\":\"BadGateway\",\"message\":\"it broke\"}", 4009, "error");
        });
        var run = forward(":8080");
        try (var client = connect(run)) {
            assertThat(client.getInputStream().readNBytes(4)).asString().isEqualTo("half");
            client.getOutputStream().write(1);
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        assertThat(cli.stderr()).contains("it broke");
        cli.interrupts.begin();
        run.join();
    }

    @Test
    void saysThatAPortHereIsTaken() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            assertThat(cli.run("port-forward", "web", "--address", "127.0.0.1", taken.getLocalPort() + ":80"))
                    .isEqualTo(1);
            assertThat(cli.stderr()).contains("cannot listen on 127.0.0.1:" + taken.getLocalPort());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "65536", "http", "80:", "1:2:3", "-5:80", "8080:0", "99999999999"})
    void refusesWhatIsNoPort(String port) {
        assertThat(cli.run("port-forward", "web", "--", port)).isEqualTo(2);
        assertThat(server.calls()).isEmpty();
    }

    @Test
    void refusesAnAddressThatIsAName() {
        assertThat(cli.run("port-forward", "web", "80", "--address", "example.com"))
                .isEqualTo(2);
        assertThat(cli.stderr()).contains("expected an IP address or localhost");
    }

    @Test
    void opensAFreePortAndSaysWhere() throws Exception {
        var run = CompletableFuture.supplyAsync(() -> cli.run("open", "web", "8080", "--no-browser"));
        var forwarding = lines.readLine();
        var url = lines.readLine();
        if (url.startsWith("Forwarding")) {
            url = lines.readLine();
        }
        var port = forwarding.replaceAll(".*:([0-9]+) -> .*", "$1");
        assertThat(url).isEqualTo("http://localhost:%s/".formatted(port));
        cli.interrupts.begin();
        assertThat(run.join()).isEqualTo(130);
    }
}
