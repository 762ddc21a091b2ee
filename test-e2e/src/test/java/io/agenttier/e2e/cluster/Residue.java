package io.agenttier.e2e.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a pod can leave behind outside its namespace: volumes, files of our programs, and, where the nodes are this machine, cgroups,
 * processes, addresses in NetworkPolicy rules and folders.
 */
public final class Residue {
    private static final Path FOLDER = Path.of("build/cluster");
    private static final Pattern POD = Pattern.compile("/pod([0-9a-f]{8}-[0-9a-f-]{27})");
    private static final Pattern RULE = Pattern.compile("([0-9a-f.:]+) : jump ((?:in|e)gress)-");

    private final TreeSet<String> things = new TreeSet<>();

    private Residue() {}

    /** All that is there now. */
    public static Residue of(Cluster cluster) throws IOException {
        var now = new Residue();
        now.add(
                "volume",
                cluster.kubectl()
                        .run("get", "pv", "-o", "name")
                        .orThrow()
                        .stdout()
                        .lines());
        for (var pod : Programs.pods(cluster)) {
            now.add(
                    pod + " file",
                    cluster.kubectl()
                            .in(Programs.NAMESPACE)
                            .run("exec", pod, "--", "find", "/tmp", "-mindepth", "1")
                            .orThrow()
                            .stdout()
                            .lines());
        }
        if (cluster.nodeIsThisMachine()) now.readMachine();
        return now;
    }

    /** What is there and was not before, in words. */
    public List<String> since(Residue before) {
        return things.stream().filter(thing -> !before.things.contains(thing)).toList();
    }

    private void add(String kind, Stream<String> names) {
        names.forEach(name -> things.add(kind + " " + name));
    }

    private void readMachine() throws IOException {
        var name = new ObjectMapper()
                .readTree(FOLDER.resolve("cluster.json").toFile())
                .get("name")
                .asText();
        var cgroup = "/agenttier-" + name + "/";
        try (var processes = Files.list(Path.of("/proc"))) {
            add(
                    "process of pod",
                    processes
                            .map(process -> read(process.resolve("cgroup")))
                            .filter(groups -> groups.contains(cgroup))
                            .flatMap(Residue::pods));
        }
        add("cgroup of pod", cgroups(cgroup));
        try (var nodes = Files.list(FOLDER)) {
            for (var node : nodes.filter(
                            folder -> folder.getFileName().toString().startsWith("node"))
                    .toList()) {
                readNode(name, node);
            }
        }
    }

    private void readNode(String cluster, Path node) throws IOException {
        for (var folder : List.of(node.resolve("lib/kubelet/pods"), node.resolve("volumes"))) {
            if (!Files.exists(folder)) continue;
            try (var entries = Files.list(folder)) {
                add("folder", entries.map(Path::toString));
            }
        }
        var namespace = "agenttier-" + cluster + "-" + node.getFileName();
        var rules = Command.run("ip", "netns", "exec", namespace, "nft", "list", "table", "inet", "network-policy")
                .orThrow()
                .stdout();
        add(
                node.getFileName() + " rule of",
                RULE.matcher(rules).results().map(match -> match.group(2) + " " + match.group(1)));
    }

    private static Stream<String> cgroups(String below) throws IOException {
        try (var tree = Files.find(Path.of("/sys/fs/cgroup"), 6, (_, attributes) -> attributes.isDirectory())) {
            return tree
                    .map(Path::toString)
                    .filter(path -> path.contains(below))
                    .flatMap(Residue::pods)
                    .toList()
                    .stream();
        } catch (UncheckedIOException e) {
            return cgroups(below); // a folder went away while it was read
        }
    }

    private static Stream<String> pods(String text) {
        return POD.matcher(text).results().map(match -> match.group(1));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return ""; // ended meanwhile, or no process
        }
    }
}
