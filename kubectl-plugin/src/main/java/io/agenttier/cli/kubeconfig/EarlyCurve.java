package io.agenttier.cli.kubeconfig;

import io.agenttier.cli.transport.CurveTable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Begins the {@link CurveTable} while the command line is still to be read, if the kubeconfig holds an authority on that curve. A guess that
 * nothing rests on: it looks for lines, reads no YAML, and may see another context's cluster; who connects asks for the table again.
 */
public final class EarlyCurve {
    private static final String AUTHORITY = "certificate-authority-data:";

    private EarlyCurve() {}

    /**
     * Returns at once.
     *
     * @param words the command line's options
     * @param environment for {@code KUBECONFIG} and {@code HOME}
     */
    public static void begin(List<String> words, Map<String, String> environment) {
        Thread.ofPlatform().daemon().name("early-curve").start(() -> {
            if (isFound(named(words), environment)) {
                CurveTable.make();
            }
        });
    }

    /** Never waits: a pipe can be read only once, and not by us. */
    static boolean isFound(@Nullable String named, Map<String, String> environment) {
        try {
            for (var file : KubeconfigFiles.files(named, environment)) {
                if (Files.isRegularFile(file) && namesCurve(SmallFile.read(file, "kubeconfig"))) {
                    return true;
                }
            }
        } catch (KubeconfigException | InvalidPathException e) {
            // whoever needs the file says so
        }
        return false;
    }

    static boolean namesCurve(String kubeconfig) {
        int at = 0;
        while ((at = kubeconfig.indexOf(AUTHORITY, at)) >= 0) {
            at += AUTHORITY.length();
            int end = kubeconfig.indexOf('\n', at);
            var value = kubeconfig.substring(at, end < 0 ? kubeconfig.length() : end);
            if (isOnCurve(value)) {
                return true;
            }
        }
        return false;
    }

    /** @param value base64 of PEM; more around it, such as the rest of a flow mapping, is none */
    private static boolean isOnCurve(String value) {
        int from = 0;
        while (from < value.length() && !isBase64(value.charAt(from))) {
            from++;
        }
        int to = from;
        while (to < value.length() && isBase64(value.charAt(to))) {
            to++;
        }
        try {
            var pem = Base64.getDecoder().decode(value.substring(from, to));
            return CurveTable.isOnCurve(new String(pem, StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isBase64(char c) {
        return (c >= 'A' && c <= 'Z')
                || (c >= 'a' && c <= 'z')
                || (c >= '0' && c <= '9')
                || c == '+'
                || c == '/'
                || c == '=';
    }

    static @Nullable String named(List<String> words) {
        for (int i = 0; i < words.size(); i++) {
            var word = words.get(i);
            if (word.startsWith("--kubeconfig=")) {
                return word.substring("--kubeconfig=".length());
            }
            if (word.equals("--kubeconfig") && i + 1 < words.size()) {
                return words.get(i + 1);
            }
        }
        return null;
    }
}
