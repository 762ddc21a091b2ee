package io.agenttier.api.merge;

import static io.agenttier.api.merge.Leaves.nearest;
import static io.agenttier.api.merge.Leaves.object;

import io.agenttier.api.Agent;
import io.agenttier.api.Constraints;
import io.agenttier.api.EnvVar;
import io.agenttier.api.Harness;
import io.agenttier.api.Hooks;
import io.agenttier.api.Skill;
import io.agenttier.api.SystemPrompt;
import io.agenttier.api.Tool;

/** Merge rules of {@code harness}. */
final class HarnessMerge {
    private HarnessMerge() {}

    static Harness harness(Harness nearer, Harness farther) {
        return new Harness(
                Lists.replace(nearer.command(), farther.command()),
                Lists.replace(nearer.args(), farther.args()),
                nearest(nearer.workingDir(), farther.workingDir()),
                nearest(nearer.shell(), farther.shell()),
                Lists.byKey(nearer.tools(), farther.tools(), Tool::name),
                object(nearer.systemPrompt(), farther.systemPrompt(), HarnessMerge::systemPrompt),
                Lists.byKey(nearer.skills(), farther.skills(), Skill::name),
                object(nearer.hooks(), farther.hooks(), HarnessMerge::hooks),
                object(nearer.constraints(), farther.constraints(), HarnessMerge::constraints),
                object(nearer.agent(), farther.agent(), HarnessMerge::agent),
                nearest(nearer.useHTTPExec(), farther.useHTTPExec()));
    }

    /** The source is one leaf, because exactly one may be set; the path is another. */
    private static SystemPrompt systemPrompt(SystemPrompt nearer, SystemPrompt farther) {
        var source = nearer.content() != null || nearer.configMapRef() != null || nearer.secretRef() != null
                ? nearer
                : farther;
        return new SystemPrompt(
                source.content(), source.configMapRef(), source.secretRef(), nearest(nearer.path(), farther.path()));
    }

    private static Hooks hooks(Hooks nearer, Hooks farther) {
        return new Hooks(
                nearest(nearer.onStart(), farther.onStart()),
                nearest(nearer.onStop(), farther.onStop()),
                nearest(nearer.onIdle(), farther.onIdle()),
                nearest(nearer.onResume(), farther.onResume()));
    }

    private static Constraints constraints(Constraints nearer, Constraints farther) {
        return new Constraints(
                nearest(nearer.maxFileSize(), farther.maxFileSize()),
                nearest(nearer.maxCommandTimeout(), farther.maxCommandTimeout()),
                Lists.append(nearer.restrictedCommands(), farther.restrictedCommands()),
                Lists.append(nearer.restrictedPaths(), farther.restrictedPaths()),
                Lists.replace(nearer.allowedNetworkDests(), farther.allowedNetworkDests()),
                Lists.append(nearer.deniedNetworkDests(), farther.deniedNetworkDests()));
    }

    private static Agent agent(Agent nearer, Agent farther) {
        return new Agent(
                Lists.replace(nearer.entrypoint(), farther.entrypoint()),
                Lists.replace(nearer.installCommand(), farther.installCommand()),
                nearest(nearer.workingDir(), farther.workingDir()),
                Lists.byKey(nearer.env(), farther.env(), EnvVar::name),
                nearest(nearer.maxConcurrentInvokes(), farther.maxConcurrentInvokes()),
                nearest(nearer.defaultInvokeTimeout(), farther.defaultInvokeTimeout()));
    }
}
