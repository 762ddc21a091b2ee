package io.agenttier.cli.command;

import io.agenttier.cli.output.ExitCode;
import io.agenttier.cli.transport.ApiException;
import java.io.IOException;
import java.util.List;

/** Does the same with several sandboxes: one that fails does not keep the others from their turn. */
final class ForEach {
    private ForEach() {}

    interface Action {
        void on(String sandbox) throws IOException;
    }

    /** @return {@link ExitCode#FAILED} if any failed; each failure stands on standard error */
    static int of(List<String> names, Session session, Action action) throws IOException {
        for (var name : names) {
            var _ = Names.checked("sandbox", name);
        }
        int code = ExitCode.OK;
        for (var name : names) {
            try {
                action.on(name);
            } catch (ApiException | FailedException e) {
                if (names.size() == 1) {
                    throw e;
                }
                session.output().problem(Explanation.of(e));
                code = ExitCode.FAILED;
            }
        }
        return code;
    }
}
