package io.agenttier.apiserver.resource;

/** Events that share a bound. Those of one family never hide those of another: a flood of invocations hides no terminal that was opened. */
enum EventFamily {
    TERMINAL,
    AGENT,
    INVOCATION,
    OTHER;

    static EventFamily of(String reason) {
        return switch (reason) {
            case "TerminalOpened", "TerminalClosed" -> TERMINAL;
            case "AgentConfigured", "ConfigureDenied" -> AGENT;
            case "AgentInvokeStarted", "AgentInvokeCompleted", "AgentInvokeFailed" -> INVOCATION;
            default -> OTHER;
        };
    }
}
