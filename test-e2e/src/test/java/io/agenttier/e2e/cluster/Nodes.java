package io.agenttier.e2e.cluster;

import java.util.List;

/** The nodes of the cluster, and where new pods may go. */
public final class Nodes {
    private final Cluster cluster;
    private final List<String> names;

    private Nodes(Cluster cluster, List<String> names) {
        this.cluster = cluster;
        this.names = names;
    }

    public static Nodes of(Cluster cluster) {
        var listed = cluster.kubectl()
                .run("get", "nodes", "-o", "jsonpath={range .items[*]}{.metadata.name}{\"\\n\"}{end}")
                .orThrow()
                .stdout();
        return new Nodes(cluster, listed.lines().toList());
    }

    public List<String> names() {
        return names;
    }

    /** Until it is closed, new pods go to this node alone; pods that run stay. */
    public Only only(String node) {
        cordon(node);
        return () -> uncordon(node);
    }

    private void cordon(String except) {
        for (var name : names) {
            if (!name.equals(except)) cluster.kubectl().run("cordon", name).orThrow();
        }
    }

    private void uncordon(String except) {
        for (var name : names) {
            if (!name.equals(except)) cluster.kubectl().run("uncordon", name).orThrow();
        }
    }

    /** The other nodes are closed to new pods. */
    public interface Only extends AutoCloseable {
        @Override
        void close();
    }
}
