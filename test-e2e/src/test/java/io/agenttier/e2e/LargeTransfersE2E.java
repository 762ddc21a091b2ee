package io.agenttier.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Hashes;
import io.agenttier.e2e.client.PluginPipe;
import io.agenttier.e2e.client.PseudoRandom;
import io.agenttier.e2e.cluster.Cluster;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.MemoryWatch;
import io.agenttier.e2e.cluster.Programs;
import io.agenttier.e2e.cluster.Programs.Memory;
import io.agenttier.e2e.cluster.Size;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * 5 GiB go in and out, as a file and as an archive, by the plugin, which goes on by itself where kube-apiserver cuts a call after 60 s; nothing of
 * them is kept in the apiserver. The sandbox holds 10 GiB at most, this machine nothing. Writes {@code build/bench/transfers.md}.
 */
@Tag("soak")
@Timeout(3600)
@ExtendWith(ClusterExtension.class)
class LargeTransfersE2E {
    private static final long MIB = 1 << 20;
    private static final long FILE = Size.of(64, 5 * 1024) * MIB;

    /** What an archive may have is no more than a file: its content is a little less. */
    private static final long PACKED = FILE - 8 * MIB;

    /** What the heap of a replica may have more afterwards, after a collection, KiB. */
    private static final long HEAP_GROWTH = 8 << 10;

    private final StringBuilder table = new StringBuilder(
            "| transfer | MiB | s | MiB/s | most resident, MiB | most heap, MiB |\n|---|---|---|---|---|---|\n");

    @Test
    void passThroughAndStayNowhere(TestNamespace namespace, Cluster cluster) throws Exception {
        var sandbox = namespace.ready("storage: {size: %s, ephemeral: true}".formatted(Size.of(512, 12 * 1024) + "Mi"));
        var before = afterCollection(cluster);

        var sent = measured(cluster, "file in", FILE, () -> {
            var content = digesting(new PseudoRandom(1, FILE));
            PluginPipe.run(
                    namespace,
                    content::transferTo,
                    InputStream::readAllBytes,
                    "files",
                    "put",
                    sandbox,
                    "folder/big",
                    "--file",
                    "-");
            return hex(content);
        });
        var file = measured(
                cluster,
                "file out",
                FILE,
                () -> PluginPipe.run(
                        namespace,
                        LargeTransfersE2E::nothing,
                        LargeTransfersE2E::hash,
                        "files",
                        "get",
                        sandbox,
                        "folder/big",
                        "-o",
                        "-"));
        assertThat(file).isEqualTo(sent);
        var archived = measured(
                cluster,
                "archive out",
                FILE,
                () -> PluginPipe.run(
                        namespace,
                        LargeTransfersE2E::nothing,
                        LargeTransfersE2E::hashOfOnlyEntry,
                        "archive",
                        sandbox,
                        "folder",
                        "-o",
                        "-"));
        assertThat(archived).isEqualTo("big " + sent);

        var removed =
                namespace.api().call("DELETE", namespace.path(sandbox, "files?path=folder&recursive=true"), null, null);
        assertThat(removed.code()).as(removed.text()).isEqualTo(204);
        var packed = digesting(new PseudoRandom(2, PACKED));
        var said = measured(
                cluster,
                "archive in",
                PACKED,
                () -> PluginPipe.run(
                        namespace,
                        stdin -> pack(packed, stdin),
                        told -> new String(told.readAllBytes(), StandardCharsets.UTF_8),
                        "archive",
                        sandbox,
                        "packed",
                        "--extract",
                        "-"));
        assertThat(said).isEqualTo("/workspace/packed: 1 files, %d bytes\n".formatted(PACKED));
        var inside = namespace.kubectl().sandbox("exec", sandbox, "--", "sha256sum", "packed/big");
        assertThat(inside.orThrow().stdout()).startsWith(hex(packed));

        var after = afterCollection(cluster);
        table.append(
                "\n| replica | heap before, MiB | after | resident before, MiB | after |\n|---|---|---|---|---|\n");
        after.forEach((pod, now) -> {
            var then = requireNonNull(before.get(pod), pod);
            table.append("| %s | %.1f | %.1f | %.1f | %.1f |%n"
                    .formatted(
                            pod,
                            then.heap() / 1024.0,
                            now.heap() / 1024.0,
                            then.resident() / 1024.0,
                            now.resident() / 1024.0));
        });
        System.out.println(table);
        Files.writeString(Files.createDirectories(Path.of("build/bench")).resolve("transfers.md"), table);
        assertThat(Programs.apiserverPeaks(cluster).values()).allMatch(peak -> peak < Programs.apiserverLimit(cluster));
        after.forEach((pod, now) -> assertThat(
                        now.heap() - requireNonNull(before.get(pod), pod).heap())
                .as("growth of the heap of %s, KiB", pod)
                .isLessThan(HEAP_GROWTH));
    }

    private String measured(Cluster cluster, String what, long bytes, Callable<String> transfer) throws Exception {
        var watch = new MemoryWatch(cluster);
        try (watch) {
            var begun = System.nanoTime();
            var result = transfer.call();
            var seconds = (System.nanoTime() - begun) / 1e9;
            var most = watch.most().values();
            table.append("| %s | %d | %.1f | %.1f | %s | %s |%n"
                    .formatted(
                            what,
                            bytes / MIB,
                            seconds,
                            bytes / seconds / MIB,
                            mebibytes(most.stream().map(Memory::resident).toList()),
                            mebibytes(most.stream().map(Memory::heap).toList())));
            return result;
        }
    }

    private static String mebibytes(List<Long> kibibytes) {
        return kibibytes.stream()
                .sorted()
                .map(value -> "%.0f".formatted(value / 1024.0))
                .collect(Collectors.joining(", "));
    }

    private static Map<String, Memory> afterCollection(Cluster cluster) {
        return Programs.memory(cluster).stream()
                .filter(memory -> memory.pod().startsWith("agenttier-apiserver"))
                .collect(Collectors.toMap(Memory::pod, memory -> memory));
    }

    private static void nothing(OutputStream stdin) {}

    private static DigestInputStream digesting(InputStream content) {
        return new DigestInputStream(content, Hashes.sha256());
    }

    private static String hex(DigestInputStream read) {
        return HexFormat.of().formatHex(read.getMessageDigest().digest());
    }

    private static String hash(InputStream content) throws IOException {
        var read = digesting(content);
        read.transferTo(OutputStream.nullOutputStream());
        return hex(read);
    }

    private static String hashOfOnlyEntry(InputStream zip) throws IOException {
        var entries = new ZipInputStream(zip);
        var name = requireNonNull(entries.getNextEntry()).getName();
        var result = name + " " + hash(entries);
        assertThat(entries.getNextEntry()).isNull();
        zip.transferTo(OutputStream.nullOutputStream());
        return result;
    }

    private static void pack(InputStream content, OutputStream to) throws IOException {
        var zip = new ZipOutputStream(to);
        zip.setLevel(0);
        zip.putNextEntry(new ZipEntry("big"));
        content.transferTo(zip);
        zip.closeEntry();
        zip.finish();
    }
}
