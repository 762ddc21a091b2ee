package io.agenttier.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Hashes;
import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.client.OwnPrograms;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;

/** Our own programs as clients of what counts, which tell all of it as {@link Counting#expected} does. */
public final class CountingClients {
    private CountingClients() {}

    public static String invokeBySdk(TestNamespace namespace, String sandbox, Counting work) throws Exception {
        return told(OwnPrograms.startSdk(namespace, "invoke.py", sandbox, work.arguments()));
    }

    public static String invokeByPlugin(TestNamespace namespace, String sandbox, Counting work) throws Exception {
        var arguments = new ArrayList<>(List.of("--"));
        arguments.addAll(work.arguments());
        return hashed(OwnPrograms.startPlugin(namespace, "invoke", sandbox, arguments));
    }

    /** Joins a process, from its first byte to its end. */
    public static String attachBySdk(TestNamespace namespace, String sandbox, String process) throws Exception {
        return told(OwnPrograms.startSdk(namespace, "attach.py", sandbox, List.of(process)));
    }

    /** As {@link #attachBySdk}. */
    public static String attachByPlugin(TestNamespace namespace, String sandbox, String process) throws Exception {
        return hashed(
                OwnPrograms.startPlugin(namespace, "attach", sandbox, List.of("--process", process, "--offset", "0")));
    }

    private static String told(Process process) throws IOException, InterruptedException {
        try (var out = process.getInputStream()) {
            var told = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
            }
            var reply = KubeApi.json(told);
            assertThat(reply.path("reason").asText()).isEqualTo("completed");
            return Counting.told(
                    reply.path("exitCode").asInt(),
                    reply.at("/stdout/bytes").asLong(),
                    reply.at("/stdout/sha256").asText(),
                    reply.at("/stderr/bytes").asLong(),
                    reply.at("/stderr/sha256").asText());
        } finally {
            process.destroyForcibly();
        }
    }

    private static String hashed(Process process) throws Exception {
        process.getOutputStream().close();
        var stdout = Hashes.sha256();
        var stderr = Hashes.sha256();
        try (var readers = Executors.newVirtualThreadPerTaskExecutor()) {
            var out = readers.submit(() -> hash(process.getInputStream(), stdout));
            var err = readers.submit(() -> hash(process.getErrorStream(), stderr));
            return Counting.told(process.waitFor(), out.get(), stdout, err.get(), stderr);
        } finally {
            process.destroyForcibly();
        }
    }

    private static long hash(InputStream in, MessageDigest digest) {
        var block = new byte[64 << 10];
        var total = 0L;
        try (in) {
            for (var size = in.read(block); size >= 0; size = in.read(block)) {
                digest.update(block, 0, size);
                total += size;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return total;
    }
}
