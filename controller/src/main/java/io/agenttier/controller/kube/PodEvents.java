package io.agenttier.controller.kube;

import io.agenttier.controller.plan.ResourceKind;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.CoreV1Event;
import io.kubernetes.client.openapi.models.CoreV1EventList;
import io.kubernetes.client.openapi.models.V1Pod;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/** What others say of a pod in Events. */
public final class PodEvents {
    /** Events of one pod that are looked at; repeated ones are counted, not listed. */
    private static final int LIMIT = 50;

    private final Rest rest;

    public PodEvents(Rest rest) {
        this.rest = rest;
    }

    /** Reason and message of the last Warning; empty if there is none or it cannot be had. */
    public String lastWarning(V1Pod pod) {
        var metadata = pod.getMetadata();
        if (metadata == null || metadata.getUid() == null || metadata.getNamespace() == null) {
            return "";
        }
        var path = "/api/v1/namespaces/" + ResourceKind.segment(metadata.getNamespace()) + "/events";
        var selector = "involvedObject.uid=" + metadata.getUid() + ",type=Warning";
        return rest.listByFields(path, selector, LIMIT) instanceof Answer.Done done
                ? last(done.body(), metadata.getUid())
                : "";
    }

    private static String last(String body, String uid) {
        var list = JSON.getGson().fromJson(body, CoreV1EventList.class);
        var events = list == null || list.getItems() == null ? List.<CoreV1Event>of() : list.getItems();
        return events.stream()
                .filter(event -> "Warning".equals(event.getType())
                        && event.getInvolvedObject() != null
                        && uid.equals(event.getInvolvedObject().getUid()))
                .max(Comparator.comparing(PodEvents::time))
                .map(event -> Objects.requireNonNullElse(event.getReason(), "") + " ("
                        + Objects.requireNonNullElse(event.getMessage(), "") + ")")
                .orElse("");
    }

    private static Instant time(CoreV1Event event) {
        var time = event.getLastTimestamp() != null
                ? event.getLastTimestamp()
                : event.getEventTime() != null
                        ? event.getEventTime()
                        : event.getMetadata() == null
                                ? null
                                : event.getMetadata().getCreationTimestamp();
        return time == null ? Instant.EPOCH : time.toInstant();
    }
}
