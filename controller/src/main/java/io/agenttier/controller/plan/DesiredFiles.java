package io.agenttier.controller.plan;

import io.agenttier.api.KeyRef;
import io.agenttier.api.merge.EffectiveSpec;
import io.agenttier.controller.sandboxd.StartPlan;
import io.kubernetes.client.openapi.models.V1ConfigMapProjection;
import io.kubernetes.client.openapi.models.V1KeyToPath;
import io.kubernetes.client.openapi.models.V1SecretProjection;
import io.kubernetes.client.openapi.models.V1VolumeProjection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files that a start puts in place: seed files, the system prompt, skills. What stands in a Secret or ConfigMap comes by a projected volume,
 * in which each file is named by its number, so that the controller reads none of them.
 */
record DesiredFiles(List<StartPlan.File> files, List<V1VolumeProjection> projections) {
    private static final int DEFAULT_MODE = 0644;
    private static final String AGENT_FOLDER = ".agenttier/";

    DesiredFiles {
        files = List.copyOf(files);
        projections = List.copyOf(projections);
    }

    static DesiredFiles of(EffectiveSpec effective) {
        var all = new Collected(effective.mountPath());
        for (var file : effective.spec().files()) {
            all.add(file.path(), file.content(), file.configMapRef(), file.secretRef(), file.mode(), false);
        }
        var harness = effective.spec().harness();
        var prompt = harness == null ? null : harness.systemPrompt();
        if (prompt != null) {
            var path = prompt.path() == null ? AGENT_FOLDER + "system-prompt.md" : prompt.path();
            all.add(path, prompt.content(), prompt.configMapRef(), prompt.secretRef(), null, true);
        }
        for (var skill : harness == null ? List.<io.agenttier.api.Skill>of() : harness.skills()) {
            var source = skill.content();
            var path = AGENT_FOLDER + "skills/" + skill.name();
            all.add(path, source.content(), source.configMapRef(), source.secretRef(), null, true);
        }
        return new DesiredFiles(all.files, all.projections);
    }

    private static final class Collected {
        private final String root;
        private final List<StartPlan.File> files = new ArrayList<>();
        private final List<V1VolumeProjection> projections = new ArrayList<>();

        Collected(String root) {
            this.root = root;
        }

        void add(
                String path,
                @Nullable String content,
                @Nullable KeyRef configMap,
                @Nullable KeyRef secret,
                @Nullable Integer mode,
                boolean replace) {
            var absolute = path.startsWith("/") ? path : root + "/" + path;
            var bits = mode == null ? DEFAULT_MODE : mode;
            if (content != null) {
                var bytes = Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8));
                files.add(new StartPlan.File(absolute, bytes, null, bits, replace));
                return;
            }
            var name = Integer.toString(files.size());
            if (configMap != null) {
                projections.add(new V1VolumeProjection()
                        .configMap(new V1ConfigMapProjection()
                                .name(configMap.name())
                                .addItemsItem(
                                        new V1KeyToPath().key(configMap.key()).path(name))));
            } else if (secret != null) {
                projections.add(new V1VolumeProjection()
                        .secret(new V1SecretProjection()
                                .name(secret.name())
                                .addItemsItem(
                                        new V1KeyToPath().key(secret.key()).path(name))));
            } else {
                return;
            }
            files.add(new StartPlan.File(absolute, null, PodLayout.FILES_FOLDER + "/" + name, bits, replace));
        }
    }
}
