package io.agenttier.apiserver.discovery;

import io.agenttier.apiserver.route.Answer;
import io.agenttier.apiserver.route.Answers;
import io.agenttier.apiserver.route.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code /livez}, {@code /readyz}, {@code /healthz}, each with {@code ?verbose} and {@code /<check>}, in kube-apiserver's form. */
final class Health {
    private static final Readiness.Check PING = new Readiness.Check("ping", true);

    private final Readiness readiness;

    Health(Readiness readiness) {
        this.readiness = readiness;
    }

    Optional<Endpoint> find(String path) {
        var parts = path.substring(1).split("/", -1);
        if (parts.length > 2 || !List.of("livez", "readyz", "healthz").contains(parts[0])) {
            return Optional.empty();
        }
        var checks = parts[0].equals("readyz") ? readiness.checks() : List.of(PING);
        if (parts.length == 1) {
            return Optional.of((_, query) -> all(parts[0], checks, query));
        }
        return checks.stream()
                .filter(check -> check.name().equals(parts[1]))
                .findFirst()
                .map(check -> (_, _) -> check.passed()
                        ? Answers.text(200, "ok")
                        : Answers.text(503, "check %s failed\n".formatted(check.name())));
    }

    private static Answer all(String name, List<Readiness.Check> checks, Map<String, List<String>> query) {
        boolean passed = checks.stream().allMatch(Readiness.Check::passed);
        if (passed && !query.containsKey("verbose")) {
            return Answers.text(200, "ok");
        }
        var text = new StringBuilder();
        for (var check : checks) {
            text.append(check.passed() ? "[+]" : "[-]")
                    .append(check.name())
                    .append(check.passed() ? " ok\n" : " failed\n");
        }
        text.append(name).append(passed ? " check passed\n" : " check failed\n");
        return Answers.text(passed ? 200 : 503, text.toString());
    }
}
