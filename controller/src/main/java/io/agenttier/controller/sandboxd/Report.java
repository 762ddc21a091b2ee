package io.agenttier.controller.sandboxd;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a sandbox says of its use and its start. Input from the sandbox: it decides about that sandbox only.
 *
 * @param lastUse last use that the daemon saw, which is now while {@code inUse}
 * @param inUse whether a client is attached to a process or an invoke runs
 * @param running processes that run
 * @param clients that are attached to processes
 * @param invokes that run
 * @param ready whether the start sequence has ended, so that {@code tools} is complete
 */
public record Report(
        Instant lastUse, boolean inUse, int running, int clients, int invokes, boolean ready, List<Tool> tools) {
    private static final int TOOLS_MAX = 64;
    private static final int NAME = 256;
    private static final int MESSAGE = 512;

    public Report {
        tools = List.copyOf(tools);
    }

    /**
     * How a tool was found.
     *
     * @param message what failed; empty for a tool that is there
     */
    public record Tool(String name, boolean ok, String message) {}

    static Report of(Fields answer) throws MisbehavedException {
        var tools = new ArrayList<Tool>();
        for (var tool : answer.objects("tools", TOOLS_MAX)) {
            tools.add(new Tool(
                    Fields.printableEnd(tool.text("name", NAME), NAME),
                    tool.flag("ok"),
                    Fields.printableEnd(tool.text("message", 4096), MESSAGE)));
        }
        return new Report(
                Instant.ofEpochMilli(answer.within("lastActivityMs", 0, 1L << 45)),
                answer.flag("inUse"),
                answer.count("running"),
                answer.count("viewers"),
                answer.count("invokes"),
                answer.text("start", 32).equals("ready"),
                tools);
    }
}
