package io.agenttier.cli.kubeconfig;

import io.agenttier.cli.json.Json;
import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.json.MalformedJsonException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs the program once and reads what it made. Bounded in time and size, since a hanging one would hang us. */
final class PluginRun {
    /** Time to answer in a browser or at a prompt. */
    private static final Duration WITH_PERSON = Duration.ofMinutes(5);

    private static final Duration ALONE = Duration.ofSeconds(60);
    private static final int MAX_OUTPUT = 1024 * 1024;

    private final ExecPlugin plugin;

    PluginRun(ExecPlugin plugin) {
        this.plugin = plugin;
    }

    /** @return an {@code ExecCredential} of the version that was asked for */
    Json answer() throws KubeconfigException {
        var process = start();
        try {
            var limit = plugin.mayAsk() ? WITH_PERSON : ALONE;
            var output = new CompletableFuture<byte[]>();
            Thread.ofVirtual().start(() -> {
                try (var in = process.getInputStream()) {
                    output.complete(in.readNBytes(MAX_OUTPUT + 1));
                } catch (IOException e) {
                    output.completeExceptionally(e);
                }
            });
            var bytes = output.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (bytes.length > MAX_OUTPUT || !process.waitFor(limit)) {
                throw new KubeconfigException(
                        "%s printed more than %d bytes or did not end".formatted(plugin.what(), MAX_OUTPUT));
            }
            if (process.exitValue() != 0) {
                throw new KubeconfigException(
                        "%s failed with exit code %d".formatted(plugin.what(), process.exitValue()));
            }
            return checked(JsonReader.parse(bytes));
        } catch (TimeoutException e) {
            throw new KubeconfigException("%s gave no answer in time".formatted(plugin.what()), e);
        } catch (MalformedJsonException e) {
            throw new KubeconfigException("%s printed no JSON".formatted(plugin.what()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KubeconfigException("%s was interrupted".formatted(plugin.what()), e);
        } catch (ExecutionException e) {
            throw new KubeconfigException("%s: its output cannot be read".formatted(plugin.what()), e);
        } finally {
            process.destroy();
        }
    }

    private Process start() throws KubeconfigException {
        var builder = new ProcessBuilder(plugin.command());
        builder.environment().clear();
        builder.environment().putAll(plugin.environment());
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        if (plugin.mayAsk()) {
            builder.redirectInput(ProcessBuilder.Redirect.INHERIT);
        }
        try {
            var process = builder.start();
            if (!plugin.mayAsk()) {
                process.getOutputStream().close();
            }
            return process;
        } catch (IOException e) {
            var hint = plugin.hint().isEmpty() ? "" : "\n" + plugin.hint();
            throw new KubeconfigException(
                    "%s: \"%s\" cannot be started: is it installed?%s"
                            .formatted(plugin.what(), plugin.command().getFirst(), hint),
                    e);
        }
    }

    private Json checked(Json answer) throws KubeconfigException {
        var kind = answer.at("kind").textOrEmpty();
        var version = answer.at("apiVersion").textOrEmpty();
        if (!kind.equals("ExecCredential") || !version.equals(plugin.apiVersion())) {
            throw new KubeconfigException("%s returned %s of %s: expected ExecCredential of %s"
                    .formatted(plugin.what(), kind, version, plugin.apiVersion()));
        }
        return answer;
    }
}
