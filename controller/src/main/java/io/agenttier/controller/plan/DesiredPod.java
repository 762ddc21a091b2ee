package io.agenttier.controller.plan;

import io.agenttier.api.Labels;
import io.agenttier.api.Names;
import io.agenttier.controller.sandboxd.Hook;
import io.kubernetes.client.custom.IntOrString;
import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1ContainerPort;
import io.kubernetes.client.openapi.models.V1HTTPGetAction;
import io.kubernetes.client.openapi.models.V1LocalObjectReference;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1Probe;
import io.kubernetes.client.openapi.models.V1ResourceRequirements;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** The pod of one start, hardened; the same function for every way a pod comes to be. */
final class DesiredPod {
    /** Longest value of a label. */
    private static final int LABEL_MAX = 63;

    /** For processes to end, and for what they wrote to be read. */
    private static final Duration ENDING = Duration.ofSeconds(30);

    /** sandboxd gives a hook at its limit 5 s between TERM and KILL. */
    private static final Duration HOOK_KILLED = Duration.ofSeconds(5);

    private DesiredPod() {}

    static V1Pod of(Start start) {
        var sandbox = start.sandbox().metadata();
        var metadata = Owned.metadata(start.sandbox(), start.podName());
        metadata.putLabelsItem(Labels.MANAGED, Labels.TRUE);
        metadata.putLabelsItem(Labels.INCARNATION, start.incarnation());
        if (!start.template().isEmpty() && start.template().length() <= LABEL_MAX) {
            metadata.putLabelsItem(Labels.TEMPLATE, start.template());
        }
        metadata.putAnnotationsItem(
                StartedWith.ANNOTATION, StartedWith.of(start.effective()).text());
        metadata.putAnnotationsItem(
                Labels.TIMEOUT, Objects.requireNonNullElse(start.effective().inheritedTimeout(), "0"));
        metadata.putAnnotationsItem(
                Labels.IDLE_TIMEOUT,
                Objects.requireNonNullElse(start.effective().inheritedIdleTimeout(), "0"));
        var harness = PodHarness.of(start.effective().spec().harness());
        if (!harness.isEmpty()) {
            metadata.putAnnotationsItem(PodHarness.ANNOTATION, harness.text());
        }
        var spec = new V1PodSpec()
                .restartPolicy("Never")
                .enableServiceLinks(false)
                .automountServiceAccountToken(start.tokenMounted())
                .serviceAccountName(serviceAccount(start))
                .hostname(sandbox.name())
                .hostNetwork(false)
                .hostPID(false)
                .hostIPC(false)
                // a process of one container must not see those of another, least of all the daemon that holds the key
                .shareProcessNamespace(false)
                .terminationGracePeriodSeconds(grace(harness, start).toSeconds())
                .securityContext(Hardening.pod())
                .volumes(DesiredVolumes.of(start))
                // the model's default is an empty map, which admission takes for an overhead of its own
                .overhead(null)
                .addContainersItem(container(start));
        if (start.injection() == Injection.INIT_CONTAINER) {
            spec.addInitContainersItem(installer(start));
        }
        DesiredContainers.of(start.effective().spec()).forEach(spec::addInitContainersItem);
        if (start.effective().spec().runtimeClass() != null) {
            spec.runtimeClassName(start.effective().spec().runtimeClass());
        }
        var image = start.effective().spec().image();
        if (image != null && image.pullSecret() != null) {
            spec.addImagePullSecretsItem(new V1LocalObjectReference().name(image.pullSecret()));
        }
        return new V1Pod()
                .apiVersion(ResourceKind.POD.apiVersion())
                .kind(ResourceKind.POD.kind())
                .metadata(metadata)
                .spec(spec);
    }

    /** sandboxd runs the hook onStop within it, if it has not run yet: also when nobody is there to ask for it. */
    private static Duration grace(PodHarness harness, Start start) {
        return harness.hooks().contains(Hook.Kind.ON_STOP)
                ? ENDING.plus(start.settings().hookTimeout()).plus(HOOK_KILLED)
                : ENDING;
    }

    private static String serviceAccount(Start start) {
        var named = start.effective().spec().serviceAccount();
        return named != null
                ? named
                : Names.serviceAccountName(start.sandbox().metadata().name());
    }

    private static V1Container container(Start start) {
        var spec = start.effective().spec();
        var image = spec.image();
        var secret = Names.secretName(start.sandbox().metadata().name(), start.incarnation());
        var environment = DesiredCredentials.environment(spec.credentials());
        var agent = start.effective().agent();
        return new V1Container()
                .name(Names.CONTAINER)
                .image(image == null ? null : image.repository())
                .imagePullPolicy(image == null ? null : image.pullPolicy())
                .addCommandItem(PodLayout.BINARY)
                .addCommandItem("serve")
                .env(DesiredEnv.of(spec.env(), agent == null ? List.of() : agent.env(), secret))
                .envFrom(environment.isEmpty() ? null : environment)
                .addPortsItem(new V1ContainerPort()
                        .name("sandboxd")
                        .containerPort(PodLayout.PORT)
                        .protocol("TCP"))
                .resources(DesiredResources.of(start.effective().resources()))
                .securityContext(Privilege.wanted(spec) ? Hardening.privileged() : Hardening.container())
                .readinessProbe(readiness())
                .terminationMessagePath("/dev/termination-log")
                .terminationMessagePolicy("File")
                .volumeMounts(DesiredVolumes.mounts(start));
    }

    /**
     * sandboxd holds its answer until the start sequence has ended, so a long time limit makes readiness prompt. Now and then the first question
     * comes before sandboxd listens, and the period is what that costs: with 5 s one start in four took 5.6 s or more instead of 0.7 s.
     */
    private static V1Probe readiness() {
        return new V1Probe()
                .httpGet(new V1HTTPGetAction().scheme("HTTPS").path("/readyz").port(new IntOrString(PodLayout.PORT)))
                .timeoutSeconds(30)
                .periodSeconds(2)
                .failureThreshold(3);
    }

    private static V1Container installer(Start start) {
        var limits = new V1ResourceRequirements()
                .putLimitsItem("cpu", new Quantity("100m"))
                .putLimitsItem("memory", new Quantity("64Mi"))
                .putRequestsItem("cpu", new Quantity("10m"))
                .putRequestsItem("memory", new Quantity("16Mi"));
        return new V1Container()
                .name(PodLayout.INSTALLER)
                .image(start.settings().sandboxdImage())
                .addCommandItem("/sandboxd")
                .addCommandItem("install")
                .addCommandItem(PodLayout.BINARY_FOLDER)
                .resources(limits)
                .securityContext(Hardening.container())
                .addVolumeMountsItem(
                        new V1VolumeMount().name(PodLayout.VOLUME_BINARY).mountPath(PodLayout.BINARY_FOLDER));
    }
}
