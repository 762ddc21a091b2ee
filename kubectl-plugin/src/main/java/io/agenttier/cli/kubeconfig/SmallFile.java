package io.agenttier.cli.kubeconfig;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Files of configuration, at most 4 MiB. */
final class SmallFile {
    private static final int MAX = 4 * 1024 * 1024;

    private SmallFile() {}

    /** @param what why we read it, for messages */
    static String read(Path file, String what) throws KubeconfigException {
        try (var in = Files.newInputStream(file)) {
            var bytes = in.readNBytes(MAX + 1);
            if (bytes.length > MAX) {
                throw new KubeconfigException(
                        "%s: %s is larger than %d bytes, is it the right file?".formatted(what, file, MAX));
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new KubeconfigException("%s: no such file: %s".formatted(what, file), e);
        } catch (KubeconfigException e) {
            throw e;
        } catch (IOException e) {
            throw new KubeconfigException("%s: cannot read %s: %s".formatted(what, file, e.getMessage()), e);
        }
    }
}
