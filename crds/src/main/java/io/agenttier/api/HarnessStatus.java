package io.agenttier.api;

import java.util.List;

/**
 * What the harness of one pod came to.
 *
 * @param incarnation Pod that this is about.
 * @param tools Tools of the harness as they were found at the start.
 * @param hooks Last run of each hook in this pod.
 */
public record HarnessStatus(String incarnation, List<ToolStatus> tools, List<HookStatus> hooks) {
    public HarnessStatus {
        incarnation = Wire.text(incarnation);
        tools = Wire.list(tools);
        hooks = Wire.list(hooks);
    }
}
