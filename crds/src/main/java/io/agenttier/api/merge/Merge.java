package io.agenttier.api.merge;

import static io.agenttier.api.merge.Leaves.nearest;
import static io.agenttier.api.merge.Leaves.object;

import io.agenttier.api.Container;
import io.agenttier.api.DeclaredPort;
import io.agenttier.api.EnvVar;
import io.agenttier.api.Image;
import io.agenttier.api.Mode;
import io.agenttier.api.Network;
import io.agenttier.api.ResourceRequirements;
import io.agenttier.api.SandboxSpec;
import io.agenttier.api.Security;
import io.agenttier.api.SeedFile;
import io.agenttier.api.Storage;
import io.agenttier.api.TemplateSpec;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Merges the layers of a sandbox: its own spec, its templates from the nearest to the farthest, the defaults of the cluster. */
public final class Merge {
    private Merge() {}

    /** The effective spec of a sandbox with at most one template. */
    public static EffectiveSpec effective(
            SandboxSpec sandbox, @Nullable TemplateSpec template, ClusterDefaults defaults) {
        var below = template == null ? TemplateSpec.EMPTY : template;
        var asked = overlay(sandbox.layer(), below);
        var timeout = nearest(below.timeout(), defaults.timeout());
        var idleTimeout = nearest(below.idleTimeout(), defaults.idleTimeout());
        var storage = Objects.requireNonNullElse(asked.storage(), Defaults.NO_STORAGE);
        var network = Objects.requireNonNullElse(asked.network(), Defaults.NO_NETWORK);
        var size = Objects.requireNonNullElse(storage.size(), defaults.storageSize());
        var mountPath = Objects.requireNonNullElse(storage.mountPath(), defaults.mountPath());
        var internet = Objects.requireNonNullElse(network.allowInternet(), defaults.allowInternet());
        var mode = Mode.parse(asked.mode()).orElse(Mode.CODE);
        var harness = asked.harness();
        var workingDir = harness == null ? null : harness.workingDir();
        var resources = Defaults.resources(asked.resources(), defaults.resources());
        var opened = Defaults.network(network, internet);
        var layer = new TemplateSpec(
                asked.inheritsFrom(),
                asked.description(),
                mode.wire(),
                asked.image(),
                resources,
                Defaults.storage(storage, size, mountPath),
                opened,
                asked.env(),
                nearest(asked.timeout(), timeout),
                nearest(asked.idleTimeout(), idleTimeout),
                asked.runtimeClass(),
                asked.serviceAccount(),
                asked.security(),
                asked.credentials(),
                asked.sidecars(),
                asked.initContainers(),
                asked.harness(),
                asked.files(),
                asked.ports(),
                asked.initScripts());
        return new EffectiveSpec(
                sandbox.withLayer(layer),
                asked.initScripts(),
                mode,
                resources,
                opened,
                size,
                mountPath,
                Objects.requireNonNullElse(workingDir, mountPath),
                Objects.requireNonNullElse(storage.ephemeral(), false),
                Objects.requireNonNullElse(storage.shared(), false),
                internet,
                Objects.requireNonNullElse(network.allowPeerSandboxes(), false),
                timeout,
                idleTimeout);
    }

    /**
     * One layer over another. Associative, with {@link TemplateSpec#EMPTY} as its neutral element, so that a chain of templates is a fold. The
     * parent of the result is that of the farther layer: the nearer one's parent is the farther layer itself.
     */
    public static TemplateSpec overlay(TemplateSpec nearer, TemplateSpec farther) {
        return new TemplateSpec(
                nearest(farther.inheritsFrom(), nearer.inheritsFrom()),
                nearest(nearer.description(), farther.description()),
                nearest(nearer.mode(), farther.mode()),
                object(nearer.image(), farther.image(), Merge::image),
                object(nearer.resources(), farther.resources(), Merge::resources),
                object(nearer.storage(), farther.storage(), Merge::storage),
                object(nearer.network(), farther.network(), Merge::network),
                Lists.byKey(nearer.env(), farther.env(), EnvVar::name),
                nearest(nearer.timeout(), farther.timeout()),
                nearest(nearer.idleTimeout(), farther.idleTimeout()),
                nearest(nearer.runtimeClass(), farther.runtimeClass()),
                nearest(nearer.serviceAccount(), farther.serviceAccount()),
                object(nearer.security(), farther.security(), Merge::security),
                Lists.append(nearer.credentials(), farther.credentials()),
                Lists.byKey(nearer.sidecars(), farther.sidecars(), Container::name),
                Lists.byKey(nearer.initContainers(), farther.initContainers(), Container::name),
                object(nearer.harness(), farther.harness(), HarnessMerge::harness),
                Lists.byKey(nearer.files(), farther.files(), SeedFile::path),
                Lists.byKey(nearer.ports(), farther.ports(), DeclaredPort::port),
                Lists.append(nearer.initScripts(), farther.initScripts()));
    }

    private static Image image(Image nearer, Image farther) {
        return new Image(
                nearest(nearer.repository(), farther.repository()),
                nearest(nearer.pullPolicy(), farther.pullPolicy()),
                nearest(nearer.pullSecret(), farther.pullSecret()));
    }

    private static ResourceRequirements resources(ResourceRequirements nearer, ResourceRequirements farther) {
        return new ResourceRequirements(
                Leaves.entries(nearer.limits(), farther.limits()),
                Leaves.entries(nearer.requests(), farther.requests()));
    }

    private static Storage storage(Storage nearer, Storage farther) {
        return new Storage(
                nearest(nearer.size(), farther.size()),
                nearest(nearer.storageClass(), farther.storageClass()),
                nearest(nearer.mountPath(), farther.mountPath()),
                nearest(nearer.snapshotOnStop(), farther.snapshotOnStop()),
                nearest(nearer.shared(), farther.shared()),
                nearest(nearer.ephemeral(), farther.ephemeral()));
    }

    private static Network network(Network nearer, Network farther) {
        return new Network(
                nearest(nearer.allowInternet(), farther.allowInternet()),
                Lists.replace(nearer.egressRules(), farther.egressRules()),
                Lists.replace(nearer.ingressRules(), farther.ingressRules()),
                Lists.replace(nearer.allowedDomains(), farther.allowedDomains()),
                nearest(nearer.allowPeerSandboxes(), farther.allowPeerSandboxes()),
                nearest(nearer.peerSandboxSelector(), farther.peerSandboxSelector()));
    }

    private static Security security(Security nearer, Security farther) {
        return new Security(nearest(nearer.privileged(), farther.privileged()));
    }
}
