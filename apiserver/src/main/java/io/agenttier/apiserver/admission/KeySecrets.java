package io.agenttier.apiserver.admission;

import io.agenttier.api.reference.Reference;
import io.agenttier.apiserver.error.ApiError.Cause;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;

/**
 * Secrets of AgentTier itself, which no sandbox may name whoever asks. Told by their derived names, since this program may not read Secrets;
 * before a pod is made the controller looks at the label itself, which covers those of any name.
 */
final class KeySecrets {
    private static final Pattern OF_A_POD = Pattern.compile("(.+)-[0-9a-f]{8}");
    private static final Pattern OF_THE_INSTALLATION = Pattern.compile("agenttier-(ca|.*-(tls|signer))");

    private final String installation;
    private final BiPredicate<String, String> isSandbox;

    /**
     * @param installation namespace of this program
     * @param isSandbox whether there is a sandbox, by namespace and name
     */
    KeySecrets(String installation, BiPredicate<String, String> isSandbox) {
        this.installation = installation;
        this.isSandbox = isSandbox;
    }

    List<Cause> named(Collection<Reference> references) {
        return references.stream()
                .filter(reference -> reference.target().kind() == Reference.Kind.SECRET)
                .flatMap(reference -> owner(reference.target())
                        .map(owner -> Causes.forbidden(
                                reference.field(),
                                "Secret \"%s\" holds a key of %s and can never be named by a sandbox or template"
                                        .formatted(reference.target().name(), owner)))
                        .stream())
                .toList();
    }

    private Optional<String> owner(Reference.Target secret) {
        if (secret.namespace().equals(installation)
                && OF_THE_INSTALLATION.matcher(secret.name()).matches()) {
            return Optional.of("AgentTier");
        }
        var match = OF_A_POD.matcher(secret.name());
        return match.matches() && isSandbox.test(secret.namespace(), match.group(1))
                ? Optional.of("sandbox \"%s\"".formatted(match.group(1)))
                : Optional.empty();
    }
}
