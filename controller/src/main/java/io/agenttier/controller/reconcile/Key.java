package io.agenttier.controller.reconcile;

/** Names one sandbox. */
public record Key(String namespace, String name) {}
