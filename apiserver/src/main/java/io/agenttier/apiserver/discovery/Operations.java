package io.agenttier.apiserver.discovery;

import io.agenttier.apiserver.discovery.Operation.Parameter;
import io.agenttier.apiserver.discovery.Operation.Reply;
import io.agenttier.apiserver.route.Subresource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Descriptions of everything that is served. */
final class Operations {
    private static final String JSON = "application/json";
    private static final String YAML = "application/yaml";
    private static final String EVENTS = "text/event-stream";
    private static final String STREAM = "application/octet-stream";

    private static final Parameter PATH =
            Parameter.text("path", "Absolute path below the sandbox's root, or relative to it.");
    private static final Parameter ON_DISCONNECT = Parameter.choice(
            "onDisconnect",
            "Whether a client that leaves ends the command, 10 s later. Default cancel.",
            "cancel",
            "keep");

    private static final Map<Integer, Reply> SWITCHED = Map.of(
            101, new Reply("The connection speaks v5.channel.k8s.io or v4.channel.k8s.io from here on.", Map.of()));

    private static final Parameter ARCHIVE_PATH =
            Parameter.text("path", "Folder: absolute below the sandbox's root, or relative to it. Default: the root.");

    private static final List<Operation> ALL = List.of(
            new Operation(
                    "archive",
                    "GET",
                    "Makes an archive of a folder. Header AgentTier-Process names the process that does; an answer that was cut goes on by log.",
                    List.of(ARCHIVE_PATH, Parameter.choice("format", "Default zip.", "zip", "tar.gz")),
                    Map.of(),
                    Map.of(
                            200,
                            new Reply(
                                    "The archive.",
                                    Map.of("application/zip", Operation.BYTES, "application/gzip", Operation.BYTES)))),
            new Operation(
                    "archive",
                    "PUT",
                    "Extracts an archive into a folder, which is made if it is missing.",
                    List.of(
                            ARCHIVE_PATH,
                            Parameter.choice("format", "Default zip.", "zip", "tar", "tar.gz"),
                            Parameter.text(
                                    "upload", "An id of the client's choice, for an archive that comes in parts."),
                            Parameter.number("offset", "First byte of this part. Default 0."),
                            Parameter.flag("final", "Whether the archive ends with this part.")),
                    Map.of(STREAM, Operation.BYTES),
                    Map.of(
                            200,
                            new Reply("It is extracted.", Map.of(JSON, "SandboxArchiveExtracted")),
                            202,
                            new Reply(
                                    "The part is kept; after the final one: it is being extracted, send that again.",
                                    Map.of(JSON, "SandboxArchivePart")))),
            new Operation(
                    "attach",
                    "GET",
                    "Joins a process by WebSocket, or else a terminal: the shell of a session, started if none runs. Needs create as well as get.",
                    List.of(
                            Parameter.text("process", "Id of the process. Without it a session is joined."),
                            Parameter.text("session", "Name of the terminal. Default main."),
                            Parameter.number("cols", "Columns of a new terminal. Default 120."),
                            Parameter.number(
                                    "rows", "Rows of a new terminal, and what is shown of the past. Default 40."),
                            Parameter.choice(
                                    "altScreen",
                                    "Whether full-screen programs of a new terminal write into the scrollback. Default strip.",
                                    "strip",
                                    "keep"),
                            Parameter.number(
                                    "offset",
                                    "First byte of output wanted, both streams counted together. Default 0, of a session its last screen."),
                            Parameter.flag("stdin", "Whether to write to it: channel 0."),
                            Parameter.flag("stdout", "Whether to get standard output: channel 1. Default true."),
                            Parameter.flag("stderr", "Whether to get standard error: channel 2. Default true."),
                            Parameter.flag("takeover", "Whether to take stdin from another client that holds it.")),
                    Map.of(),
                    SWITCHED),
            new Operation(
                    "exec",
                    "GET",
                    "Runs a command by WebSocket. Needs create as well as get. The Status on channel 3 tells how it ended.",
                    List.of(
                            Parameter.texts("command", "The program, then each argument.")
                                    .mandatory(),
                            Parameter.flag("stdin", "Whether to write to it: channel 0."),
                            Parameter.flag("stdout", "Whether to get standard output: channel 1."),
                            Parameter.flag("stderr", "Whether to get standard error: channel 2."),
                            Parameter.flag("tty", "Whether the command gets a terminal; its size is set on channel 4."),
                            Parameter.number("cols", "Columns of the terminal at the start. Default 120."),
                            Parameter.number("rows", "Rows of the terminal at the start. Default 40."),
                            Parameter.choice("container", "The only one there is.", "sandbox"),
                            Parameter.text("process", "A name of the caller's own: starting it twice is one start."),
                            ON_DISCONNECT),
                    Map.of(),
                    SWITCHED),
            new Operation(
                    "exec",
                    "POST",
                    "Runs a command. One JSON document when it has ended, or events while it runs.",
                    List.of(ON_DISCONNECT),
                    Map.of(JSON, "SandboxExecRequest", YAML, "SandboxExecRequest"),
                    Map.of(
                            200,
                                    new Reply(
                                            "The command has ended.",
                                            Map.of(JSON, "SandboxExecResponse", EVENTS, Operation.BYTES)),
                            202,
                                    new Reply(
                                            "The command was started with detach.",
                                            Map.of(JSON, "SandboxExecStarted")))),
            new Operation(
                    "log",
                    "GET",
                    "Output of a process, running or ended, from an offset on.",
                    List.of(
                            Parameter.text("process", "Id of the process; or source."),
                            Parameter.choice(
                                    "source", "The last installation of the agent instead of a process.", "install"),
                            Parameter.choice(
                                    "stream",
                                    "One stream only; both in order of arrival if absent.",
                                    "stdout",
                                    "stderr"),
                            Parameter.number("offset", "First byte wanted, counted in the view asked for."),
                            Parameter.flag("follow", "Whether to go on until the process has ended.")),
                    Map.of(),
                    Map.of(200, new Reply("The output.", Map.of(STREAM, Operation.BYTES, EVENTS, Operation.BYTES)))),
            new Operation(
                    "portforward",
                    "GET",
                    "Connects to a port of the sandbox by WebSocket. Needs create as well as get.",
                    List.of(
                            Parameter.number(
                                    "port",
                                    "Port, 1 to 65535, but not that of the daemon, 9000. Either this or ports."),
                            Parameter.texts("ports", "Ports, at most 16, for clients that speak v4.channel.k8s.io.")),
                    Map.of(),
                    Map.of(
                            101,
                            new Reply(
                                    "The connection speaks v5.channel.k8s.io, or tcp.agenttier.io: bytes both ways. With ports it speaks "
                                            + "v4.channel.k8s.io as that of a pod does.",
                                    Map.of()))),
            new Operation(
                    "ports",
                    "GET",
                    "Lists the declared ports.",
                    List.of(),
                    Map.of(),
                    Map.of(200, new Reply("The ports.", Map.of(JSON, "SandboxPortList")))),
            new Operation(
                    "ports",
                    "POST",
                    "Declares a port in spec.ports.",
                    List.of(),
                    Map.of(JSON, "SandboxPort", YAML, "SandboxPort"),
                    Map.of(
                            200, new Reply("It was declared before.", Map.of(JSON, "SandboxPort")),
                            201, new Reply("It is declared; its objects follow.", Map.of(JSON, "SandboxPort")))),
            new Operation(
                    "ports",
                    "DELETE",
                    "Takes back a port that a POST declared.",
                    List.of(Parameter.number("port", "The port.").mandatory()),
                    Map.of(),
                    Map.of(204, new Reply("It is no longer declared.", Map.of()))),
            new Operation(
                    "processes",
                    "GET",
                    "Lists what runs and what ran.",
                    List.of(),
                    Map.of(),
                    Map.of(200, new Reply("The processes.", Map.of(JSON, "SandboxProcessList")))),
            new Operation(
                    "processes",
                    "DELETE",
                    "Signals a process, or cancels it if no signal is named.",
                    List.of(
                            Parameter.text("process", "Id of the process.").mandatory(),
                            Parameter.text("signal", "Name or number of the signal.")),
                    Map.of(),
                    Map.of(204, new Reply("Done, or it had ended before.", Map.of()))),
            new Operation(
                    "files",
                    "GET",
                    "Reads a file or lists a folder. Range, If-Range and If-None-Match are honoured.",
                    List.of(
                            PATH,
                            Parameter.flag("list", "Whether to list the folder."),
                            Parameter.flag("stat", "Whether to describe the file itself."),
                            Parameter.number("limit", "Most entries of a list."),
                            Parameter.text("continue", "Where the next page of a list begins.")),
                    Map.of(),
                    Map.of(
                            200,
                                    new Reply(
                                            "The file, or the list.",
                                            Map.of(STREAM, Operation.BYTES, JSON, "SandboxFileList")),
                            206, new Reply("The part asked for.", Map.of(STREAM, Operation.BYTES)))),
            new Operation(
                    "files",
                    "PUT",
                    "Writes a file, atomically; with offset it appends. If-Match and If-None-Match are honoured.",
                    List.of(
                            PATH.mandatory(),
                            Parameter.text("mode", "Permissions, for example 0644."),
                            Parameter.text("mtime", "Time of modification, RFC 3339. Default: now."),
                            Parameter.number("offset", "Present size of the file, to which the body is appended.")),
                    Map.of(STREAM, Operation.BYTES),
                    Map.of(
                            200, new Reply("The file was replaced or appended to.", Map.of(JSON, "SandboxFileWritten")),
                            201, new Reply("The file was made.", Map.of(JSON, "SandboxFileWritten")))),
            new Operation(
                    "files",
                    "POST",
                    "Makes a folder, or moves a file or folder.",
                    List.of(),
                    Map.of(JSON, "SandboxFileRequest", YAML, "SandboxFileRequest"),
                    Map.of(200, new Reply("It is done.", Map.of(JSON, "SandboxFileResponse")))),
            new Operation(
                    "files",
                    "DELETE",
                    "Removes a file or folder.",
                    List.of(
                            PATH.mandatory(),
                            Parameter.flag("recursive", "Whether a folder goes with all that is in it.")),
                    Map.of(),
                    Map.of(204, new Reply("It is gone.", Map.of()))),
            new Operation(
                    "stop",
                    "POST",
                    "Stops the sandbox; its storage stays.",
                    List.of(),
                    Map.of(),
                    Map.of(200, new Reply("It stops.", Map.of(JSON, "SandboxPowerResponse")))),
            new Operation(
                    "resume",
                    "POST",
                    "Starts a stopped sandbox.",
                    List.of(),
                    Map.of(JSON, "SandboxPowerRequest"),
                    Map.of(200, new Reply("It starts.", Map.of(JSON, "SandboxPowerResponse")))));

    private Operations() {}

    /**
     * The operations of these subresources, in a fixed order.
     *
     * @throws IllegalArgumentException if a method is not described above
     */
    static List<Operation> of(List<Subresource> subresources) {
        var found = new ArrayList<Operation>();
        for (var subresource : subresources) {
            for (var method : subresource.methods()) {
                if (!method.equals("HEAD")) {
                    found.add(find(subresource.name(), method));
                }
            }
        }
        found.sort(Comparator.comparing(Operation::subresource).thenComparing(Operation::method));
        return found;
    }

    private static Operation find(String subresource, String method) {
        return Stream.of(ALL, AgentOperations.ALL, ProxyOperations.ALL)
                .flatMap(List::stream)
                .filter(o -> o.subresource().equals(subresource) && o.method().equals(method))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("OpenAPI does not describe %s %s".formatted(method, subresource)));
    }
}
