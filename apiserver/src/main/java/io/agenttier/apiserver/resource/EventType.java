package io.agenttier.apiserver.resource;

/** Type of an Event. */
public enum EventType {
    NORMAL("Normal"),
    WARNING("Warning");

    private final String wire;

    EventType(String wire) {
        this.wire = wire;
    }

    /** As Kubernetes writes it. */
    public String wire() {
        return wire;
    }
}
