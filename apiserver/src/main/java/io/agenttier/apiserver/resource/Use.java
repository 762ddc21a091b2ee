package io.agenttier.apiserver.resource;

import java.util.Optional;

/**
 * Which pod a call needs.
 *
 * @param call what is called, for messages: {@code exec}, {@code files} …
 * @param incarnation the only one that will do; empty for the present one
 * @param handle what names that incarnation, for messages, for example {@code process "exec-0a1b2c3d0123456789abcdef"}
 */
record Use(String call, Optional<String> incarnation, String handle) {
    static Use of(String call) {
        return new Use(call, Optional.empty(), "");
    }

    static Use of(String call, ProcessRef process) {
        return new Use(call, process.incarnation(), "process \"%s\"".formatted(process.text()));
    }

    Use pinned(String wanted) {
        return new Use(call, Optional.of(wanted), "header AgentTier-Incarnation");
    }
}
