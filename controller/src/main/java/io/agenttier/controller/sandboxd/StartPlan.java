package io.agenttier.controller.sandboxd;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What sandboxd does before it is ready and what it runs afterwards: key {@code start.json} of the pod's Secret. Component names are
 * the keys of the document.
 *
 * @param root where the workspace is mounted; root of files
 * @param shell of terminals; empty for the first of /bin/bash and /bin/sh
 * @param command runs beneath sandboxd after it is ready; empty for none
 * @param files put in place in order before the scripts
 * @param initScripts run in order by {@code sh -c} before ready
 * @param initTimeoutSeconds limit of all scripts and tools together
 * @param tools seen to in order after the scripts
 * @param hooks shell texts by kind, run at the controller's call
 * @param hookTimeoutSeconds limit of each run of a hook
 * @param constraints guard rails of calls; null for none
 * @param spoolBytes most bytes of process output kept on disk
 * @param disconnectGraceSeconds how long a process without a reader lives that asked to be cancelled on disconnect
 */
public record StartPlan(
        int version,
        String incarnation,
        String namespace,
        String sandbox,
        String root,
        String workingDir,
        String shell,
        List<String> command,
        List<File> files,
        List<String> initScripts,
        long initTimeoutSeconds,
        List<Tool> tools,
        Map<String, String> hooks,
        long hookTimeoutSeconds,
        @Nullable Constraints constraints,
        long spoolBytes,
        long disconnectGraceSeconds) {
    public static final int VERSION = 1;

    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    public StartPlan {
        command = List.copyOf(command);
        files = List.copyOf(files);
        initScripts = List.copyOf(initScripts);
        tools = List.copyOf(tools);
        hooks = new TreeMap<>(hooks);
    }

    /**
     * A file to put in place. Its content is one of the two.
     *
     * @param path absolute
     * @param contentBase64 its bytes
     * @param from file of a projected volume that holds them
     * @param mode permission bits, 420 for 0644
     * @param replace whether one that exists is replaced; else it is left alone
     */
    public record File(
            String path,
            @Nullable String contentBase64,
            @Nullable String from,
            int mode,
            boolean replace) {}

    /**
     * A tool that has to be there.
     *
     * @param version given to both commands as variable {@code TOOL_VERSION}
     * @param verify shell text that succeeds when the tool is there; empty for none
     * @param install shell text, run when that fails; empty for none
     */
    public record Tool(String name, String version, String verify, String install) {}

    /**
     * What calls may not do.
     *
     * @param maxFileBytes largest file that a call may write; null for no limit
     * @param maxCommandTimeoutMs longest run time of a command; 0 for no limit
     * @param restrictedCommands programs, by base name
     * @param restrictedPaths files and folders with all that is in them
     */
    public record Constraints(
            @Nullable Long maxFileBytes,
            long maxCommandTimeoutMs,
            List<String> restrictedCommands,
            List<String> restrictedPaths) {
        public Constraints {
            restrictedCommands = List.copyOf(restrictedCommands);
            restrictedPaths = List.copyOf(restrictedPaths);
        }
    }

    public String toJson() {
        return GSON.toJson(this);
    }
}
