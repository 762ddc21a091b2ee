package io.agenttier.controller.sandboxd;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.util.List;

/**
 * What sandboxd does before it is ready and what it runs afterwards: key {@code start.json} of the pod's Secret. Component names are
 * the keys of the document.
 *
 * @param root where the workspace is mounted; root of files
 * @param shell of terminals; empty for the first of /bin/bash and /bin/sh
 * @param command runs beneath sandboxd after it is ready; empty for none
 * @param files written in order before the scripts; an existing file is left alone
 * @param initScripts run in order by {@code sh -c} before ready
 * @param initTimeoutSeconds limit of all scripts together
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
        long spoolBytes,
        long disconnectGraceSeconds) {
    public static final int VERSION = 1;

    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    public StartPlan {
        command = List.copyOf(command);
        files = List.copyOf(files);
        initScripts = List.copyOf(initScripts);
    }

    /**
     * A file to write.
     *
     * @param path absolute
     * @param contentBase64 its bytes
     * @param mode permission bits, 420 for 0644
     */
    public record File(String path, String contentBase64, int mode) {}

    public String toJson() {
        return GSON.toJson(this);
    }
}
