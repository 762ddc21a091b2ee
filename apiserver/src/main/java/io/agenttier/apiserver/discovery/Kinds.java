package io.agenttier.apiserver.discovery;

import static io.agenttier.apiserver.discovery.Schemas.flag;
import static io.agenttier.apiserver.discovery.Schemas.integer;
import static io.agenttier.apiserver.discovery.Schemas.list;
import static io.agenttier.apiserver.discovery.Schemas.object;
import static io.agenttier.apiserver.discovery.Schemas.oneOf;
import static io.agenttier.apiserver.discovery.Schemas.properties;
import static io.agenttier.apiserver.discovery.Schemas.string;
import static io.agenttier.apiserver.discovery.Schemas.stringMap;
import static io.agenttier.apiserver.discovery.Schemas.strings;

import io.agenttier.api.ApiGroup;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Schemas of what goes over the wire in our group and version, by kind. */
final class Kinds {
    private static final List<String> PROCESS_CLASSES =
            List.of("exec", "invoke", "terminal", "install", "hook", "archive");
    private static final List<String> REASONS =
            List.of("completed", "timeout", "canceled", "error", "signaled", "oom", "lost");

    private Kinds() {}

    static Map<String, Object> all() {
        var all = new LinkedHashMap<>(AgentKinds.all());
        all.putAll(others());
        return all;
    }

    private static Map<String, Object> others() {
        return properties(
                "SandboxExecRequest", execRequest(),
                "SandboxExecResponse", execResponse(),
                "SandboxExecStarted", execStarted(),
                "SandboxProcessList", processList(),
                "SandboxFileList", fileList(),
                "SandboxFileWritten", fileWritten(),
                "SandboxFileRequest", fileRequest(),
                "SandboxFileResponse", fileResponse(),
                "SandboxArchiveExtracted", archiveExtracted(),
                "SandboxArchivePart", archivePart(),
                "SandboxPort", port(),
                "SandboxPortList", portList(),
                "SandboxPowerRequest", powerRequest(),
                "SandboxPowerResponse", powerResponse());
    }

    /** A {@code metav1.Status}, the body of every error. */
    static Map<String, Object> status() {
        var cause = object(
                "One reason among several.",
                List.of(),
                properties(
                        "reason", string("Machine-readable reason, for example FieldValueInvalid."),
                        "field", string("Path of the field in the body, or name of the parameter."),
                        "message", string("What is wrong and what was expected.")));
        var details = object(
                "What the failure is about.",
                List.of(),
                properties(
                        "name", string("Name of the object."),
                        "group", string("API group of the object."),
                        "kind", string("Plural of the object's resource."),
                        "causes", list(cause, "Every reason, one entry each."),
                        "retryAfterSeconds", integer("When a repetition is worth a try.")));
        return object(
                "Why a call failed.",
                List.of(),
                properties(
                        "kind", string("Status."),
                        "apiVersion", string("v1."),
                        "metadata", object("Empty.", List.of(), properties()),
                        "status", string("Failure."),
                        "message", string("What, which value, what was expected, what to do."),
                        "reason", string("Machine-readable reason, for example Conflict."),
                        "details", details,
                        "code", integer("HTTP status.")));
    }

    private static Map<String, Object> execRequest() {
        return object(
                "Runs a command in a sandbox. Exactly one of command and script is set.",
                List.of(),
                typed(
                        "SandboxExecRequest",
                        "command",
                        strings("Program and arguments; no shell sees them."),
                        "script",
                        string("Text for sh -c."),
                        "timeoutSeconds",
                        integer(
                                "Ends the command after this time; 0 never. Default 30 for one JSON document, else none."),
                        "stdin",
                        string("Standard input as text. At most one of stdin and stdinBase64."),
                        "stdinBase64",
                        string("byte", "Standard input as bytes."),
                        "env",
                        stringMap("Variables added to the sandbox's own."),
                        "workingDir",
                        string("Absolute path, or relative to the sandbox's working directory."),
                        "process",
                        string("A name of the caller's own: starting it twice is one start."),
                        "tty",
                        flag("Whether the command gets a terminal; with detach."),
                        "cols",
                        integer("Columns of the terminal, 1-1000. Default 120."),
                        "rows",
                        integer("Rows of the terminal, 1-1000. Default 40."),
                        "openStdin",
                        flag("Whether standard input comes by attach; with detach."),
                        "detach",
                        flag("Answer at once and let the command run."),
                        "onFull",
                        oneOf(
                                List.of("wait", "drop"),
                                "What happens when the output's quota is reached; with detach.")));
    }

    private static Map<String, Object> execResponse() {
        var fields = new LinkedHashMap<>(ended("SandboxExecResponse", "process"));
        fields.put("timedOut", flag("Whether timeoutSeconds ended it."));
        return object("How a command ended, and its output.", List.of("process"), fields);
    }

    /**
     * How a process ended, and its output.
     *
     * @param handle what its id is called
     */
    static Map<String, Object> ended(String kind, String handle) {
        return typed(
                kind,
                handle,
                string("Id of the process, for log and processes."),
                "exitCode",
                integer(
                        "0-255; 128 + n for signal n, 127 not found, 126 not executable, -1 timeout or canceled; absent if unknown."),
                "stdout",
                string("Standard output, if it is UTF-8."),
                "stdoutBase64",
                string("byte", "Standard output, if it is not UTF-8."),
                "stderr",
                string("Standard error, if it is UTF-8."),
                "stderrBase64",
                string("byte", "Standard error, if it is not UTF-8."),
                "durationMs",
                integer("How long it ran."),
                "reason",
                oneOf(REASONS, "How it ended."),
                "signal",
                string("Name of the signal that ended it."),
                "message",
                string("Why it could not be started, or why its end is unknown."),
                "truncated",
                flag("Whether there is more output than is shown; log has all of it."));
    }

    private static Map<String, Object> execStarted() {
        return object(
                "A command that was started with detach.",
                List.of("process", "startedAt"),
                typed(
                        "SandboxExecStarted",
                        "process",
                        string("Id of the process, for log and processes."),
                        "startedAt",
                        integer("Milliseconds since 1970.")));
    }

    private static Map<String, Object> processList() {
        var exit = object(
                "How it ended; absent while it runs.",
                List.of(),
                properties(
                        "exitCode", integer("As in SandboxExecResponse."),
                        "reason", oneOf(REASONS, "How it ended."),
                        "signal", string("Name of the signal that ended it."),
                        "message", string("Why it could not be started, or why its end is unknown."),
                        "durationMs", integer("How long it ran."),
                        "endedAt", string("date-time", "When it ended.")));
        var process = object(
                "A process that runs, or ran.",
                List.of("id"),
                properties(
                        "id", string("Its id."),
                        "class", oneOf(PROCESS_CLASSES, "What started it."),
                        "name", string("Base name of its program."),
                        "startedAt", string("date-time", "When it was started."),
                        "running", flag("Whether it runs."),
                        "exit", exit,
                        "bytesStdout", integer("Bytes it wrote to standard output."),
                        "bytesStderr", integer("Bytes it wrote to standard error."),
                        "offset", integer("End of its output so far, of both streams together."),
                        "dropped", integer("Bytes the quota dropped."),
                        "viewers", integer("Clients that read its output now."),
                        "bytesStdin", integer("Bytes of standard input it was given."),
                        "stdinOpen", flag("Whether more may come by attach."),
                        "tty", flag("Whether it has a terminal."),
                        "session", string("Name of the terminal whose shell it is.")));
        return object(
                "Processes of a sandbox, oldest first.",
                List.of("items"),
                typed("SandboxProcessList", "items", list(process, "The processes.")));
    }

    private static Map<String, Object> fileList() {
        var entry = object(
                "A file or folder.",
                List.of("name"),
                properties(
                        "name", string("Its name in the folder."),
                        "size", integer("Bytes."),
                        "isDir", flag("Whether it is a folder."),
                        "mode", string("Permissions, for example 0644."),
                        "modifiedAt", string("date-time", "When its content changed."),
                        "linkTarget", string("Where a symbolic link points."),
                        "nameBase64", string("byte", "Its name as bytes, where they are not UTF-8.")));
        return object(
                "What is in a folder.",
                List.of("entries"),
                typed(
                        "SandboxFileList",
                        "path",
                        string("The folder."),
                        "entries",
                        list(entry, "Its files and folders."),
                        "continue",
                        string("Given back as parameter continue, it gets the next page.")));
    }

    private static Map<String, Object> archiveExtracted() {
        return object(
                "An archive that was extracted.",
                List.of("path", "files", "bytes"),
                typed(
                        "SandboxArchiveExtracted",
                        "path",
                        string("The folder."),
                        "files",
                        integer("Files that were put in place, links included."),
                        "bytes",
                        integer("Their size.")));
    }

    private static Map<String, Object> archivePart() {
        return object(
                "A part of an archive that was kept.",
                List.of("upload", "offset"),
                typed(
                        "SandboxArchivePart",
                        "upload",
                        string("Its id."),
                        "offset",
                        integer("Where the next part begins.")));
    }

    private static Map<String, Object> fileWritten() {
        return object(
                "A file that was written.",
                List.of("path", "bytes"),
                typed("SandboxFileWritten", "path", string("The file."), "bytes", integer("Its size now.")));
    }

    private static Map<String, Object> port() {
        return object(
                "A declared port of a sandbox.",
                List.of("port"),
                typed(
                        "SandboxPort",
                        "port",
                        integer("Port, 1 to 65535, but not that of the daemon, 9000."),
                        "protocol",
                        oneOf(List.of("http", "tcp"), "http has a preview where there are previews. Default http."),
                        "internalUrl",
                        string("Address inside the cluster; never in a request."),
                        "previewUrl",
                        string("Address of the preview, if it has one; never in a request.")));
    }

    private static Map<String, Object> portList() {
        var item = object(
                "A declared port, with addresses once it can be reached.",
                List.of("port", "protocol"),
                properties(
                        "port", integer("Port."),
                        "protocol", oneOf(List.of("http", "tcp"), "Kind of the port."),
                        "internalUrl", string("Address inside the cluster."),
                        "previewUrl", string("Address of the preview.")));
        return object(
                "Declared ports of a sandbox, those of its templates included.",
                List.of("items"),
                typed("SandboxPortList", "items", list(item, "The ports, by number.")));
    }

    private static Map<String, Object> powerRequest() {
        return object(
                "How to start a sandbox. The body may be left out.",
                List.of(),
                typed(
                        "SandboxPowerRequest",
                        "newVolume",
                        flag(
                                "Begin on a new, empty volume if the sandbox's own is gone. A volume that exists is kept.")));
    }

    private static Map<String, Object> fileRequest() {
        return object(
                "Changes names in a sandbox.",
                List.of("operation", "path"),
                typed(
                        "SandboxFileRequest",
                        "operation",
                        oneOf(
                                List.of("mkdir", "move"),
                                "mkdir makes a folder and those above it; one that exists takes mode and mtime."),
                        "path",
                        string("What is made or moved: absolute below the sandbox's root, or relative to it."),
                        "to",
                        string("Its new path; with move."),
                        "mode",
                        string("Permissions, for example 0755; with mkdir."),
                        "mtime",
                        string("date-time", "Time of modification; with mkdir."),
                        "overwrite",
                        flag("Whether what is at the new path is replaced; with move.")));
    }

    private static Map<String, Object> fileResponse() {
        return object(
                "A file or folder that was made or moved.",
                List.of("path"),
                typed("SandboxFileResponse", "path", string("Its path now.")));
    }

    private static Map<String, Object> powerResponse() {
        return object(
                "What the sandbox does now.",
                List.of("status"),
                typed("SandboxPowerResponse", "status", oneOf(List.of("stopping", "resuming"), "What it does now.")));
    }

    static Map<String, Object> typed(String kind, Object... namesAndSchemas) {
        var typed = properties(
                "apiVersion", string(ApiGroup.SUBRESOURCES_API_VERSION + "; may be left out of a request."),
                "kind", string(kind + "; may be left out of a request."));
        typed.putAll(properties(namesAndSchemas));
        return typed;
    }
}
