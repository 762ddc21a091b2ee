package io.agenttier.apiserver.sandboxd;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The real daemon as a process of this machine: its own root folder with what the controller puts into a pod, the machine's programs
 * bound into it, and a mount namespace of its own. Needs Linux and either root or user namespaces; listens on port 9000.
 */
public final class RealSandboxd implements AutoCloseable {
    private static final String ENTER = """
            set -e
            cd "$0"
            for folder in usr bin sbin lib lib64 proc; do
              [ -e "/$folder" ] || continue
              mkdir -p "$folder" && mount --rbind "/$folder" "$folder"
            done
            mount -t tmpfs none dev && touch dev/null dev/zero dev/urandom dev/termination-log
            for device in null zero urandom; do mount --bind /dev/$device dev/$device; done
            mkdir dev/pts && mount -t devpts -o newinstance,ptmxmode=0666 none dev/pts && ln -s pts/ptmx dev/ptmx
            exec chroot . /sandboxd serve
            """;
    private final Process process;
    private final Path output;

    /** @param root empty folder */
    public RealSandboxd(Path binary, Path root, PodAuthority authority, String incarnation) throws IOException {
        var leaf = authority.pod(incarnation);
        var run = Files.createDirectories(root.resolve(".agenttier/run"));
        Files.createDirectories(root.resolve(".agenttier/spool"));
        Files.createDirectories(root.resolve("dev"));
        Files.createDirectories(root.resolve("tmp"));
        Files.createDirectories(root.resolve("workspace"));
        Files.copy(binary, root.resolve("sandboxd"));
        if (!root.resolve("sandboxd").toFile().setExecutable(true)) {
            throw new IOException("sandboxd cannot be made executable");
        }
        Files.writeString(run.resolve("tls.crt"), leaf.certificatePem());
        Files.writeString(run.resolve("ca.crt"), PodAuthority.pem(authority.certificate()));
        Files.writeString(run.resolve("start.json"), """
                {"version":1,"incarnation":"%s","namespace":"team1","sandbox":"web","root":"/workspace","workingDir":"/workspace",
                 "spoolBytes":67108864,"disconnectGraceSeconds":1}""".formatted(incarnation));
        output = root.resolve("sandboxd.log");
        var command = new ArrayList<>(List.of("unshare", "--mount", "--propagation", "private"));
        if (!isRoot()) {
            command.add("--map-root-user");
        }
        command.addAll(List.of("sh", "-c", ENTER, root.toString()));
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("AGENTTIER_TLS_KEY", leaf.keyPem());
        process = builder.start();
        await().atMost(Duration.ofSeconds(30)).until(this::listens);
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }

    private boolean listens() throws IOException {
        if (!process.isAlive()) {
            throw new IOException("sandboxd ended: " + Files.readString(output));
        }
        try (var probe = new Socket(InetAddress.getLoopbackAddress(), Endpoint.PORT)) {
            return probe.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isRoot() throws IOException {
        try (InputStream id = new ProcessBuilder("id", "-u").start().getInputStream()) {
            return new String(id.readAllBytes(), StandardCharsets.US_ASCII)
                    .strip()
                    .equals("0");
        }
    }
}
