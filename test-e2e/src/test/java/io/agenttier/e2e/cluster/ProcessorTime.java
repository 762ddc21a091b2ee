package io.agenttier.e2e.cluster;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Processor time that programs of a local cluster, whose nodes are this machine, have used: user and system, of a program's processes and of
 * those that they waited for. {@code /proc} counts it in steps of 10 ms.
 */
public final class ProcessorTime {
    private static final double TICKS_A_SECOND = 100;
    private static final int FIRST_OF_FOUR = 11;

    private final Map<Program, Double> seconds;

    private ProcessorTime(Map<Program, Double> seconds) {
        this.seconds = seconds;
    }

    /** Whose time is told apart. */
    public enum Program {
        CLIENT("client", command -> false),
        KUBE_APISERVER("kube-apiserver", command -> command.contains("/kube-apiserver\0")),
        APISERVER("apiserver", command -> command.contains("\0io.agenttier.apiserver.Main\0")),
        SANDBOXD("sandboxd and its processes", command -> command.startsWith("/.agenttier/bin/sandboxd\0serve")),
        BACKEND("backend", command -> command.startsWith("/static\0backend\0"));

        private final String title;

        @SuppressWarnings("ImmutableEnumChecker") // captures nothing
        private final Predicate<String> isCommand;

        Program(String title, Predicate<String> isCommand) {
            this.title = title;
            this.isCommand = isCommand;
        }

        public String title() {
            return title;
        }
    }

    /** All of it so far; the client is this process. */
    public static ProcessorTime now() {
        var seconds = new EnumMap<Program, Double>(Program.class);
        for (var program : Program.values()) seconds.put(program, 0.0);
        var self = ProcessHandle.current().pid();
        ProcessHandle.allProcesses().forEach(process -> {
            var command = NodeProcesses.file(process, "cmdline");
            for (var program : Program.values()) {
                var counts = program == Program.CLIENT ? process.pid() == self : program.isCommand.test(command);
                if (counts) seconds.merge(program, used(process), Double::sum);
            }
        });
        return new ProcessorTime(seconds);
    }

    /** What a program has used since {@code before}, in seconds. */
    public double since(ProcessorTime before, Program program) {
        return seconds.getOrDefault(program, 0.0) - before.seconds.getOrDefault(program, 0.0);
    }

    /** Of {@code /proc/PID/stat}: the name may hold anything but ends at the last bracket; see proc_pid_stat(5). */
    private static double used(ProcessHandle process) {
        var stat = NodeProcesses.file(process, "stat");
        if (stat.isEmpty()) return 0;
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        var ticks = 0L;
        for (var i = FIRST_OF_FOUR; i < FIRST_OF_FOUR + 4; i++) ticks += Long.parseLong(fields[i]);
        return ticks / TICKS_A_SECOND;
    }
}
