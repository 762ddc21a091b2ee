package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.sandboxd.ConfigureUpload;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/**
 * What an agent is configured with, checked ({@code spec} behaviour §9.1).
 *
 * @param files each of them has a content
 * @param install program and arguments; empty if nothing is installed
 * @param entrypoint empty to leave what there is
 */
record Configuration(List<SandboxConfigureRequest.File> files, List<String> install, List<String> entrypoint) {
    private static final byte[] NOTHING = {};

    Configuration {
        files = List.copyOf(files);
        install = List.copyOf(install);
        entrypoint = List.copyOf(entrypoint);
    }

    /** Whether it is only an entrypoint: nothing is written or run. */
    boolean isEntrypointOnly() {
        return files.isEmpty() && install.isEmpty();
    }

    /** SHA-256 in lower-case hex over what is installed, not over the entrypoint: the same hash need not be installed twice. */
    String hash() {
        try {
            var sha = MessageDigest.getInstance("SHA-256");
            for (var argument : install) {
                update(sha, argument.getBytes(StandardCharsets.UTF_8));
            }
            var sorted = files.stream()
                    .sorted(Comparator.comparing(SandboxConfigureRequest.File::path))
                    .toList();
            for (var file : sorted) {
                update(sha, file.path().getBytes(StandardCharsets.UTF_8));
                var content = content(file);
                update(sha, file.wasBase64() ? Base64.getEncoder().encode(content) : content);
            }
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static void update(MessageDigest sha, byte[] bytes) {
        sha.update(bytes);
        sha.update((byte) 0);
    }

    ConfigureUpload upload(String workingDir, Duration limit) {
        return new ConfigureUpload(
                hash(),
                install,
                workingDir,
                limit,
                files.stream()
                        .map(file -> new ConfigureUpload.File(file.path(), content(file)))
                        .toList());
    }

    private static byte[] content(SandboxConfigureRequest.File file) {
        return file.content() == null ? NOTHING : file.content();
    }
}
