package io.agenttier.apiserver.discovery;

import static io.agenttier.apiserver.discovery.Schemas.flag;
import static io.agenttier.apiserver.discovery.Schemas.integer;
import static io.agenttier.apiserver.discovery.Schemas.list;
import static io.agenttier.apiserver.discovery.Schemas.object;
import static io.agenttier.apiserver.discovery.Schemas.oneOf;
import static io.agenttier.apiserver.discovery.Schemas.properties;
import static io.agenttier.apiserver.discovery.Schemas.string;
import static io.agenttier.apiserver.discovery.Schemas.strings;

import java.util.List;
import java.util.Map;

/** Schemas of agent mode, by kind. */
final class AgentKinds {
    private AgentKinds() {}

    static Map<String, Object> all() {
        return properties(
                "SandboxConfigureRequest", configureRequest(),
                "SandboxConfigureResponse", configureResponse(),
                "SandboxInvokeRequest", invokeRequest(),
                "SandboxInvokeResponse", invokeResponse(),
                "SandboxProcessContinued", continued());
    }

    private static Map<String, Object> configureRequest() {
        var file = object(
                "A file to write.",
                List.of("path"),
                properties(
                        "path",
                        string("Absolute path below the workspace."),
                        "content",
                        string("Content as text. Exactly one of content and contentBase64."),
                        "contentBase64",
                        string("byte", "Content as bytes.")));
        return object(
                "Configures an agent. At least one of files, an install and entrypoint is set.",
                List.of(),
                Kinds.typed(
                        "SandboxConfigureRequest",
                        "files",
                        list(
                                file,
                                "By default at most 200 files of 32 MiB, 128 MiB in all; larger ones go up by files before."),
                        "installCommand",
                        strings("Program and arguments that install the agent."),
                        "installScript",
                        string("Text for sh -c instead of installCommand."),
                        "entrypoint",
                        strings("Program and arguments that each invocation runs.")));
    }

    private static Map<String, Object> configureResponse() {
        return object(
                "How a configuration ended.",
                List.of("skipped"),
                Kinds.typed(
                        "SandboxConfigureResponse",
                        "lastConfiguredAt",
                        string("date-time", "When a configuration last succeeded."),
                        "installCommandHash",
                        string("SHA-256 of what is installed, 64 hex digits."),
                        "entrypoint",
                        strings("What invocations run from now on."),
                        "installExitCode",
                        integer("Exit code of the installation; anything but 0 leaves what was in force before."),
                        "skipped",
                        flag("Whether nothing was written or run, since just that is in force.")));
    }

    private static Map<String, Object> invokeRequest() {
        return object(
                "An invocation as an envelope, for clients that pass more than standard input.",
                List.of(),
                Kinds.typed(
                        "SandboxInvokeRequest",
                        "prompt",
                        string("Becomes argument --prompt=..., and standard input where none is given."),
                        "args",
                        strings("Arguments after those of the entrypoint."),
                        "stdin",
                        string("Standard input as text. At most one of stdin and stdinBase64."),
                        "stdinBase64",
                        string("byte", "Standard input as bytes."),
                        "invokeTimeout",
                        string("A duration such as 5m, below the limit of the sandbox."),
                        "onFull",
                        oneOf(
                                List.of("wait", "drop"),
                                "What happens when the output's quota is reached and nobody reads.")));
    }

    private static Map<String, Object> invokeResponse() {
        return object(
                "How an invocation ended, and its output.",
                List.of("invokeId"),
                Kinds.ended("SandboxInvokeResponse", "invokeId"));
    }

    private static Map<String, Object> continued() {
        return object(
                "A process that runs longer than this call may last.",
                List.of("process", "offset"),
                Kinds.typed(
                        "SandboxProcessContinued",
                        "process",
                        string("Id of the process: GET log?process=...&offset=...&follow=true goes on."),
                        "offset",
                        integer("First byte that has not been delivered, both streams counted together.")));
    }
}
