package io.agenttier.controller.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1Pod;
import org.junit.jupiter.api.Test;

class PodObservationTest {
    /** Fields that the Java client insists on. */
    private static final String REQUIRED = "\"image\":\"i\",\"imageID\":\"\",\"ready\":false,\"restartCount\":0,";

    private static PodState of(String status) {
        var json = "{\"spec\":{\"nodeName\":\"n\",\"containers\":[]},\"status\":" + status + "}";
        return PodObservation.of(JSON.getGson().fromJson(json, V1Pod.class), true);
    }

    private static String ended(String terminated) {
        return "{\"containerStatuses\":[{" + REQUIRED + "\"name\":\"other\",\"state\":{\"running\":{}}}," + "{"
                + REQUIRED + "\"name\":\"sandbox\",\"state\":{\"terminated\":" + terminated + "}}]}";
    }

    private static String waiting(String list, String reason) {
        return "{\"" + list
                + "\":[{\"name\":\"c\",\"image\":\"img\",\"imageID\":\"\",\"ready\":false,\"restartCount\":0,\"state\":{\"waiting\":{\"reason\":\""
                + reason + "\",\"message\":\"why\"}}}]}";
    }

    @Test
    void exitIsReadFromTheContainerAlthoughAnotherGoesOn() {
        var record = "{\\\"sandboxd\\\":1,\\\"reason\\\":\\\"CommandExited\\\",\\\"code\\\":42}";
        assertThat(of(ended("{\"exitCode\":42,\"message\":\"" + record + "\"}")))
                .isEqualTo(new PodState.ApplicationExited(42, ""));
    }

    @Test
    void oomIsInfrastructureWhateverTheMessageSays() {
        var record = "{\\\"sandboxd\\\":1,\\\"reason\\\":\\\"CommandExited\\\",\\\"code\\\":0}";
        assertThat(of(ended("{\"exitCode\":137,\"reason\":\"OOMKilled\",\"message\":\"" + record + "\"}")))
                .isInstanceOfSatisfying(
                        PodState.Failed.class, f -> assertThat(f.cause()).isEqualTo("OOMKilled"));
    }

    @Test
    void exitWithoutRecordIsInfrastructure() {
        assertThat(of(ended("{\"exitCode\":0}")))
                .isInstanceOfSatisfying(
                        PodState.Failed.class, f -> assertThat(f.cause()).isEqualTo("NoFinalRecord"));
    }

    @Test
    void evictionIsInfrastructureWithItsOwnName() {
        assertThat(of("{\"phase\":\"Failed\",\"reason\":\"Evicted\",\"message\":\"disk\"}"))
                .isEqualTo(new PodState.Failed("Evicted", "the pod was ended by the cluster (disk)"));
    }

    @Test
    void failedInitScriptIsNoApplicationsExit() {
        var record =
                "{\\\"sandboxd\\\":1,\\\"reason\\\":\\\"InitScriptFailed\\\",\\\"code\\\":1,\\\"message\\\":\\\"oops\\\"}";
        assertThat(of(ended("{\"exitCode\":1,\"message\":\"" + record + "\"}")))
                .isEqualTo(new PodState.StartFailed("InitScriptFailed", "the start failed: oops"));
    }

    @Test
    void imageAndConfigurationFailuresAreStuckInEitherKindOfContainer() {
        assertThat(of(waiting("containerStatuses", "ImagePullBackOff")))
                .isEqualTo(new PodState.Stuck("ImagePullFailed", "image \"img\": ImagePullBackOff (why)"));
        assertThat(of(waiting("initContainerStatuses", "ErrImagePull"))).isInstanceOf(PodState.Stuck.class);
        assertThat(of(waiting("containerStatuses", "CreateContainerConfigError")))
                .isEqualTo(new PodState.Stuck("ConfigError", "container c: CreateContainerConfigError (why)"));
    }

    @Test
    void unschedulableIsNoFailure() {
        var json =
                "{\"status\":{\"conditions\":[{\"type\":\"PodScheduled\",\"status\":\"False\",\"reason\":\"Unschedulable\","
                        + "\"message\":\"0/1 nodes\"}]}}";
        assertThat(PodObservation.of(JSON.getGson().fromJson(json, V1Pod.class), true))
                .isEqualTo(new PodState.Starting("Unschedulable", "no node takes the pod: 0/1 nodes"));
    }

    @Test
    void readyPodOnASilentNodeIsNotReady() {
        var json =
                "{\"spec\":{\"nodeName\":\"n\",\"containers\":[]},\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}";
        var pod = JSON.getGson().fromJson(json, V1Pod.class);
        assertThat(PodObservation.of(pod, true)).isEqualTo(new PodState.Ready("n"));
        assertThat(PodObservation.of(pod, false)).isEqualTo(new PodState.NodeLost("n"));
    }

    @Test
    void anInitContainerThatFailedIsNotTriedAgain() {
        var failed = "{\"phase\":\"Failed\",\"initContainerStatuses\":[{" + REQUIRED
                + "\"name\":\"fetch\",\"state\":{\"terminated\":{\"exitCode\":%d,\"message\":\"no route\"}}}]}";
        assertThat(of(failed.formatted(3)))
                .isEqualTo(new PodState.StartFailed(
                        "InitScriptFailed", "init container fetch exited with code 3 (no route)"));
        assertThat(of(failed.formatted(3).replace("fetch", "agenttier-install")))
                .isInstanceOf(PodState.Failed.class);
        assertThat(of(failed.formatted(3).replace("{\"phase\"", "{\"reason\":\"Evicted\",\"phase\"")))
                .isInstanceOfSatisfying(
                        PodState.Failed.class, f -> assertThat(f.cause()).isEqualTo("Evicted"));
    }

    @Test
    void aSidecarThatCrashesIsToldApartFromTheDaemon() {
        var beside = "{\"containerStatuses\":[{" + REQUIRED.replace("false", "%s")
                + "\"name\":\"sandbox\",\"state\":{\"running\":{}}}],\"initContainerStatuses\":[{" + REQUIRED
                + "\"name\":\"db\",\"state\":{\"waiting\":{\"reason\":\"CrashLoopBackOff\",\"message\":\"back-off\"}}}]}";
        assertThat(of(beside.formatted("true")))
                .isEqualTo(new PodState.SidecarDown("sidecar db: CrashLoopBackOff (back-off)", true));
        assertThat(of(beside.formatted("false")))
                .isEqualTo(new PodState.Stuck("ConfigError", "container db: CrashLoopBackOff (back-off)"));
    }
}
