package io.agenttier.cli.kubeconfig;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Finds the files: {@code --kubeconfig}, else those of {@code KUBECONFIG}, else {@code ~/.kube/config}. */
final class KubeconfigFiles {
    private static final int MAX_CODE_POINTS = 4 * 1024 * 1024;

    private KubeconfigFiles() {}

    /**
     * @param named the file that the user named, or null; it must exist, the others need not
     * @param environment for {@code KUBECONFIG} and {@code HOME}
     */
    static Kubeconfig load(@Nullable String named, Map<String, String> environment) throws KubeconfigException {
        var sources = new ArrayList<Kubeconfig.Source>();
        boolean isRequired = named != null && !named.isEmpty();
        for (var file : files(named, environment)) {
            if (isRequired || Files.exists(file)) {
                sources.add(source(file));
            }
        }
        return Kubeconfig.merge(sources);
    }

    /** Where to look, first to last. */
    static List<Path> files(@Nullable String named, Map<String, String> environment) {
        return named != null && !named.isEmpty() ? List.of(Path.of(named)) : usual(environment);
    }

    private static List<Path> usual(Map<String, String> environment) {
        var list = environment.getOrDefault("KUBECONFIG", "");
        if (!list.isEmpty()) {
            return java.util.Arrays.stream(list.split(File.pathSeparator))
                    .filter(name -> !name.isEmpty())
                    .map(Path::of)
                    .toList();
        }
        var home = environment.getOrDefault("HOME", environment.getOrDefault("USERPROFILE", ""));
        return home.isEmpty() ? List.of() : List.of(Path.of(home, ".kube", "config"));
    }

    private static Kubeconfig.Source source(Path file) throws KubeconfigException {
        var text = SmallFile.read(file, "kubeconfig");
        var settings = LoadSettings.builder()
                .setLabel(file.toString())
                .setCodePointLimit(MAX_CODE_POINTS)
                .build();
        try {
            var document = new Load(settings).loadFromString(text);
            if (document == null) {
                return new Kubeconfig.Source(file, Map.of());
            }
            if (document instanceof Map<?, ?> fields) {
                return new Kubeconfig.Source(file, fields);
            }
            throw new KubeconfigException("%s is no kubeconfig: expected an object".formatted(file));
        } catch (YamlEngineException e) {
            // the parser's message quotes the text, which may be a secret
            throw new KubeconfigException("%s is no YAML".formatted(file), e);
        }
    }
}
