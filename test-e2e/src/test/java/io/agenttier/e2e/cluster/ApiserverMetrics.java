package io.agenttier.e2e.cluster;

import io.agenttier.e2e.client.KubeApi;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** What the replicas of the apiserver count, asked one by one with the administrator's certificate. */
public final class ApiserverMetrics {
    private static final Pattern FORWARDED = Pattern.compile("Forwarding from 127\\.0\\.0\\.1:(\\d+) .*");

    private ApiserverMetrics() {}

    /**
     * Sum over all replicas and all samples of one metric.
     *
     * @param labels that a sample must have, such as {@code subresource="attach"}; may be empty
     */
    public static double sum(Cluster cluster, String metric, String labels) {
        return Programs.apiservers(cluster).stream()
                .mapToDouble(pod -> text(cluster, pod)
                        .lines()
                        .filter(line -> line.startsWith(metric + "{") || line.startsWith(metric + " "))
                        .filter(line -> line.contains(labels))
                        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                        .sum())
                .sum();
    }

    private static String text(Cluster cluster, String pod) {
        var forward = cluster.kubectl()
                .in(Programs.NAMESPACE)
                .start("port-forward", "--address=127.0.0.1", "pod/" + pod, ":8443");
        try (var said = new BufferedReader(new InputStreamReader(forward.getInputStream(), StandardCharsets.UTF_8))) {
            var found = FORWARDED.matcher(String.valueOf(said.readLine()));
            if (!found.matches()) throw new AssertionError("port-forward to " + pod + " did not begin");
            var reply = KubeApi.direct(cluster.kubeconfig(), "https://127.0.0.1:" + found.group(1))
                    .get("/metrics");
            if (reply.code() != 200) throw new AssertionError("metrics of " + pod + ": " + reply);
            return reply.text();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            forward.destroy();
        }
    }
}
