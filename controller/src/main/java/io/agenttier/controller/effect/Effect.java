package io.agenttier.controller.effect;

/** Every kind of call that goes out of this program and changes something, or that a decision waits for. */
public enum Effect {
    WRITE_LEASE,
    CREATE_CERTIFICATE,
    RENEW_CERTIFICATE,
    TRUST_API_SERVICE,
    TRUST_WEBHOOK,
    DELETE_API_SERVICE,
    WRITE_STATUS,
    STOP_SANDBOX,
    DELETE_SANDBOX,
    CREATE_SERVICE_ACCOUNT,
    CREATE_VOLUME_CLAIM,
    GROW_VOLUME_CLAIM,
    CREATE_NETWORK_POLICY,
    REPAIR_NETWORK_POLICY,
    DELETE_NETWORK_POLICY,
    CREATE_SECRET,
    DELETE_SECRET,
    CREATE_POD,
    DELETE_POD,
    DELETE_POD_NOW,
    CREATE_EVENT,
    COUNT_EVENT,
    RUN_HOOK,
    READ_REPORT,
    ASK_FOR_USE,
    GIVE_NOTICE
}
