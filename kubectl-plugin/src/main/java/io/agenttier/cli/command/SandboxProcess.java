package io.agenttier.cli.command;

import io.agenttier.cli.transport.ApiPath;

/**
 * A process in a sandbox.
 *
 * @param id as the server gave it, or the name that we chose until it does
 * @param isConfirmed whether the server has said that it was started
 */
record SandboxProcess(String namespace, String sandbox, String id, boolean isConfirmed) {
    ApiPath subresource(String name) {
        return ApiPath.subresource(namespace, sandbox, name);
    }

    /** Cancels it by DELETE. */
    ApiPath cancelPath() {
        return subresource("processes").query("process", id);
    }

    SandboxProcess confirmed(String givenId) {
        return new SandboxProcess(namespace, sandbox, givenId.isEmpty() ? id : givenId, true);
    }
}
