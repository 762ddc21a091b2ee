package io.agenttier.controller.plan;

import io.kubernetes.client.openapi.models.V1Node;
import java.util.Collection;
import java.util.Optional;
import java.util.regex.Pattern;

/** How sandboxd gets into the container. */
public enum Injection {
    /** A volume of sandboxd's image: costs a start nothing, needs kubelet 1.35 and containerd 2.1. */
    IMAGE_VOLUME,
    /** An init container copies the binary into an emptyDir: works everywhere, costs about a second. */
    INIT_CONTAINER;

    private static final Pattern KUBELET = Pattern.compile("v?(\\d{1,4})\\.(\\d{1,4}).*");
    private static final Pattern CONTAINERD = Pattern.compile("containerd://v?(\\d{1,4})\\.(\\d{1,4}).*");

    /** What the administrator chose. */
    public enum Choice {
        AUTO,
        IMAGE_VOLUME,
        INIT_CONTAINER;

        /** The choice that {@code --sandboxd-injection} names: {@code auto}, {@code imageVolume} or {@code initContainer}. */
        public static Optional<Choice> parse(String text) {
            return switch (text) {
                case "auto" -> Optional.of(AUTO);
                case "imageVolume" -> Optional.of(IMAGE_VOLUME);
                case "initContainer" -> Optional.of(INIT_CONTAINER);
                default -> Optional.empty();
            };
        }
    }

    /**
     * @param nodes all nodes; those that take no pods do not count
     * @param ownRuntime whether the pod asks for a RuntimeClass, whose runtime may not know image volumes
     */
    public static Injection decide(Choice choice, Collection<V1Node> nodes, boolean ownRuntime) {
        return switch (choice) {
            case IMAGE_VOLUME -> IMAGE_VOLUME;
            case INIT_CONTAINER -> INIT_CONTAINER;
            case AUTO -> !ownRuntime && allCan(nodes) ? IMAGE_VOLUME : INIT_CONTAINER;
        };
    }

    private static boolean allCan(Collection<V1Node> nodes) {
        var schedulable = nodes.stream().filter(Injection::isSchedulable).toList();
        return !schedulable.isEmpty() && schedulable.stream().allMatch(Injection::can);
    }

    private static boolean isSchedulable(V1Node node) {
        return node.getSpec() == null || !Boolean.TRUE.equals(node.getSpec().getUnschedulable());
    }

    private static boolean can(V1Node node) {
        if (node.getStatus() == null || node.getStatus().getNodeInfo() == null) {
            return false;
        }
        var info = node.getStatus().getNodeInfo();
        return atLeast(KUBELET, info.getKubeletVersion(), 1, 35)
                && atLeast(CONTAINERD, info.getContainerRuntimeVersion(), 2, 1);
    }

    private static boolean atLeast(Pattern syntax, String version, int major, int minor) {
        var match = syntax.matcher(version);
        if (!match.matches()) {
            return false;
        }
        var foundMajor = Integer.parseInt(match.group(1));
        return foundMajor > major || (foundMajor == major && Integer.parseInt(match.group(2)) >= minor);
    }
}
