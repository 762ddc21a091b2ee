package io.agenttier.apiserver.telemetry;

/** How much a process wrote. */
public record OutputBytes(long stdout, long stderr) {}
