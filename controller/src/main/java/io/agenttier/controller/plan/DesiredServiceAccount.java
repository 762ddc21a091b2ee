package io.agenttier.controller.plan;

import io.agenttier.api.Names;
import io.agenttier.api.Sandbox;
import io.kubernetes.client.openapi.models.V1ServiceAccount;

/** The rightless account of a sandbox that names none. */
final class DesiredServiceAccount {
    private DesiredServiceAccount() {}

    static V1ServiceAccount of(Sandbox sandbox) {
        return new V1ServiceAccount()
                .apiVersion(ResourceKind.SERVICE_ACCOUNT.apiVersion())
                .kind(ResourceKind.SERVICE_ACCOUNT.kind())
                .metadata(Owned.metadata(
                        sandbox, Names.serviceAccountName(sandbox.metadata().name())))
                .automountServiceAccountToken(false);
    }
}
