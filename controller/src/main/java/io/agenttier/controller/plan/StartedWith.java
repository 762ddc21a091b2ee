package io.agenttier.controller.plan;

import io.agenttier.api.merge.EffectiveSpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Fingerprints of the fields that act at a start only, kept in an annotation of the pod: which of them changed since can then be said by
 * name. Example: {@code env=6f1c02aa image=0b7790d3}.
 */
record StartedWith(Map<String, String> fingerprints) {
    static final String ANNOTATION = "agenttier.io/started-with";

    StartedWith {
        fingerprints = new TreeMap<>(fingerprints);
    }

    static StartedWith of(EffectiveSpec effective) {
        var spec = effective.spec();
        var fields = new TreeMap<String, String>();
        fields.put("credentials", fingerprint(spec.credentials()));
        fields.put("env", fingerprint(spec.env()));
        fields.put("files", fingerprint(spec.files()));
        fields.put("harness", fingerprint(spec.harness()));
        fields.put("image", fingerprint(spec.image()));
        fields.put("initContainers", fingerprint(spec.initContainers()));
        fields.put("initScripts", fingerprint(effective.initScripts()));
        fields.put("resources", resources(effective));
        fields.put("runtimeClass", fingerprint(spec.runtimeClass()));
        fields.put("security", fingerprint(Privilege.wanted(spec)));
        fields.put("serviceAccount", fingerprint(spec.serviceAccount()));
        fields.put("sidecars", fingerprint(spec.sidecars()));
        return new StartedWith(fields);
    }

    /** What the annotation says; nothing for a pod without it. */
    static StartedWith parse(@Nullable String annotation) {
        var fields = new TreeMap<String, String>();
        for (var part : annotation == null ? List.<String>of() : List.of(annotation.split(" ", -1))) {
            var equals = part.indexOf('=');
            if (equals > 0) {
                fields.put(part.substring(0, equals), part.substring(equals + 1));
            }
        }
        return new StartedWith(fields);
    }

    String text() {
        return fingerprints.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining(" "));
    }

    /** Names of the fields whose value is another one now, in alphabetic order. */
    List<String> changedTo(StartedWith now) {
        return fingerprints.entrySet().stream()
                .filter(e -> !e.getValue().equals(now.fingerprints.getOrDefault(e.getKey(), e.getValue())))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static String resources(EffectiveSpec effective) {
        var resources = effective.resources();
        return fingerprint(List.of(new TreeMap<>(resources.limits()), new TreeMap<>(resources.requests())));
    }

    private static String fingerprint(@Nullable Object value) {
        try {
            var text = String.valueOf(value).getBytes(StandardCharsets.UTF_8);
            var digest = MessageDigest.getInstance("SHA-256").digest(text);
            return HexFormat.of().formatHex(digest, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
