package io.agenttier.cli.doctor;

/** Whether a sandbox can be made: asked for by a dry run, which passes the webhook and stores nothing. */
public final class Admission {
    private static final String CHECK = "create";

    private Admission() {}

    /**
     * @param namespace in which it was tried
     * @param tried answer to a dry run
     */
    public static Finding of(String namespace, Answer tried) {
        return switch (tried) {
            case Answer.Found _ -> Finding.ok(CHECK, "a sandbox can be made in namespace \"%s\"".formatted(namespace));
            case Answer.Failed failed ->
                Finding.fail(
                        CHECK,
                        failed.message(),
                        "if the webhook is the cause, see that apiserver and controller run: kubectl get pods -A -l app.kubernetes.io/name=agenttier");
            case Answer.Missing _, Answer.Forbidden _ ->
                tried.otherwise(
                        CHECK,
                        Finding.warn(
                                CHECK,
                                "namespace \"%s\" or the kind Sandbox does not exist".formatted(namespace),
                                "name a namespace that exists by -n, or install AgentTier"));
        };
    }
}
