package io.agenttier.cli.command;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** All commands by name. Only the one that is named is made: building the others would cost 80 ms. */
public final class Commands {
    private Commands() {}

    /** @param name for example {@code exec} or {@code files get} */
    public static Optional<Command> find(String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "archive" -> new ArchiveCommand();
                    case "attach" -> new AttachCommand();
                    case "cancel", "kill" -> new CancelCommand();
                    case "configure" -> new ConfigureCommand();
                    case "cp" -> new CpCommand();
                    case "create" -> new CreateCommand();
                    case "doctor" -> new DoctorCommand();
                    case "exec" -> new ExecCommand();
                    case "explain" -> new ExplainCommand();
                    case "files get" -> new FilesGetCommand();
                    case "files put" -> new FilesPutCommand();
                    case "invoke" -> new InvokeCommand();
                    case "logs" -> new LogsCommand();
                    case "open" -> new OpenCommand();
                    case "port-forward" -> new PortForwardCommand();
                    case "ports add" -> new PortsAddCommand();
                    case "ports list" -> new PortsListCommand();
                    case "ports remove" -> new PortsRemoveCommand();
                    case "ps" -> new PsCommand();
                    case "stop" -> new StopCommand();
                    case "resume" -> new ResumeCommand();
                    case "version" -> new VersionCommand();
                    default -> null;
                });
    }

    /** First words of commands that consist of two. */
    public static boolean isGroup(String word) {
        return word.equals("files") || word.equals("ports");
    }

    /** Name and one line about each, in the order for help. */
    public static Map<String, String> summaries() {
        var all = new LinkedHashMap<String, String>();
        all.put("create", "Create a sandbox");
        all.put("explain", "Show what a sandbox asks for, and where each value comes from");
        all.put("exec", "Run a command in a sandbox; ends with the command's exit code");
        all.put("attach", "Open a shell that stays when you leave, or join a process");
        all.put("configure", "Give the agent of a sandbox its files, install what it needs, set its program");
        all.put("invoke", "Run the agent of a sandbox once; ends with its exit code");
        all.put("ps", "List the processes of a sandbox");
        all.put("logs", "Print the output of a process");
        all.put("cancel", "Cancel a process, or send it a signal (also: kill)");
        all.put("cp", "Copy files and folders into and out of a sandbox");
        all.put("archive", "Write a folder into an archive, or extract one");
        all.put("files get", "Copy a file out of a sandbox");
        all.put("files put", "Write a file into a sandbox");
        all.put("port-forward", "Lead ports here to ports of a sandbox");
        all.put("open", "Open a web application of a sandbox in the browser");
        all.put("ports list", "List the declared ports of a sandbox, with their addresses");
        all.put("ports add", "Declare a port: it gets a Service, and a preview if it speaks HTTP");
        all.put("ports remove", "Take a declared port back");
        all.put("stop", "Stop sandboxes; their workspace is kept");
        all.put("resume", "Start stopped sandboxes again");
        all.put("doctor", "Check what sandboxes need of this cluster");
        all.put("version", "Show the versions of this plugin and of the cluster");
        return all;
    }
}
