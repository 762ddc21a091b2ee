package io.agenttier.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What runs inside the sandbox besides the commands of its users.
 *
 * @param command Process that runs beneath the daemon of the sandbox; none when empty. The entrypoint of the image
 *     is never run: name it here if it is wanted.
 * @param args Further arguments of command.
 * @param workingDir Working directory of commands, terminals and command; storage.mountPath when no layer sets it.
 * @param shell Shell of terminals; /bin/bash when the image has it, else /bin/sh.
 * @param tools Tools that are installed and verified before the sandbox is Ready.
 * @param systemPrompt System prompt of the agent.
 * @param skills Skills of the agent.
 * @param hooks Shell text that runs when the sandbox changes its state.
 * @param constraints Guard rails for calls through the API.
 * @param agent Contract of agent mode.
 * @param useHTTPExec Retired: accepted without effect.
 */
public record Harness(
        List<String> command,
        List<String> args,
        @Nullable String workingDir,
        @Nullable String shell,
        List<Tool> tools,
        @Nullable SystemPrompt systemPrompt,
        List<Skill> skills,
        @Nullable Hooks hooks,
        @Nullable Constraints constraints,
        @Nullable Agent agent,
        @Nullable Boolean useHTTPExec) {
    public Harness {
        command = Wire.list(command);
        args = Wire.list(args);
        tools = Wire.list(tools);
        skills = Wire.list(skills);
    }
}
