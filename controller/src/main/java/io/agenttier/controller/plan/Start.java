package io.agenttier.controller.plan;

import io.agenttier.api.Sandbox;
import io.agenttier.api.merge.EffectiveSpec;

/**
 * One start of a sandbox: everything its objects are made from.
 *
 * @param effective the spec with all layers merged
 * @param template name of the template; empty without one
 * @param incarnation 8 hex digits, made for this start
 * @param podName name the pod gets
 * @param tokenMounted whether the named ServiceAccount itself asks for its token to be mounted
 */
record Start(
        Sandbox sandbox,
        EffectiveSpec effective,
        String template,
        String incarnation,
        String podName,
        Injection injection,
        boolean tokenMounted,
        ClusterSettings settings) {}
