package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.sandboxd.StartRequest;
import io.agenttier.apiserver.sandboxd.TerminalRequest;
import io.agenttier.apiserver.sandboxd.TerminalSize;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The query of a WebSocket on {@code exec} or {@code attach}, as pods have it, and what is ours beyond. */
final class RemoteParameters {
    private static final String CONTAINER = "sandbox";

    private RemoteParameters() {}

    /** Channels that a client wants; the bytes of others are dropped. */
    record Wanted(boolean stdin, boolean stdout, boolean stderr) {}

    /** @throws io.agenttier.apiserver.error.ApiException 400 if it wants none, or another container */
    static Wanted ofExec(Call call) {
        checkContainer(call);
        var wanted = new Wanted(
                Parameters.flag(call, "stdin"), Parameters.flag(call, "stdout"), Parameters.flag(call, "stderr"));
        if (!wanted.stdin && !wanted.stdout && !wanted.stderr) {
            throw Parameters.bad("none of stdin, stdout and stderr is asked for: give at least one of them as true");
        }
        return wanted;
    }

    /** Output is wanted unless it is refused. */
    static Wanted ofAttach(Call call) {
        checkContainer(call);
        return new Wanted(Parameters.flag(call, "stdin"), isNotRefused(call, "stdout"), isNotRefused(call, "stderr"));
    }

    /** @throws io.agenttier.apiserver.error.ApiException 400 */
    static StartRequest start(Call call, Wanted wanted) {
        var argv = call.query().getOrDefault("command", List.of());
        if (argv.isEmpty() || argv.getFirst().isEmpty()) {
            throw Parameters.bad(
                    "parameter command is missing: give the program, then each argument, as command=PROGRAM&command=ARGUMENT");
        }
        if (argv.stream().anyMatch(argument -> argument.indexOf('\0') >= 0)) {
            throw Parameters.bad("parameter command holds a NUL character, which no argument can");
        }
        return new StartRequest(
                ownName(call),
                argv,
                "",
                Map.of(),
                "",
                "",
                0,
                Parameters.keepsOnDisconnect(call),
                false,
                wanted.stdin,
                terminal(call));
    }

    private static @Nullable String ownName(Call call) {
        var name = call.parameter("process");
        if (name.isEmpty()) {
            return null;
        }
        if (!ProcessRef.isOwnName(name.get())) {
            throw Parameters.wrong(
                    call, "process", "a name of " + ProcessRef.SYNTAX + ", and not of the form of an id");
        }
        return name.get();
    }

    private static @Nullable TerminalSize terminal(Call call) {
        boolean tty = Parameters.flag(call, "tty");
        if (!tty
                && (call.parameter("cols").isPresent() || call.parameter("rows").isPresent())) {
            throw Parameters.bad("parameters cols and rows are for a terminal: add tty=true");
        }
        return tty ? size(call) : null;
    }

    private static TerminalSize size(Call call) {
        return new TerminalSize(
                extent(call, "cols", TerminalSize.DEFAULT.cols()), extent(call, "rows", TerminalSize.DEFAULT.rows()));
    }

    /**
     * A named terminal, {@code main} where no name is given.
     *
     * @param takeover of the keyboard
     * @throws io.agenttier.apiserver.error.ApiException 400
     */
    static TerminalRequest ofTerminal(Call call, Wanted wanted, boolean takeover, Duration retention) {
        var session = Parameters.matching(
                call, "session", "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", "1 to 63 of a-z 0-9 -, as a DNS label has them");
        if (Parameters.flag(call, "share")) {
            throw Parameters.bad("parameter share is not offered yet: one client at a time writes to a session");
        }
        var altScreen = Parameters.matching(call, "altScreen", "strip|keep", "strip or keep");
        return new TerminalRequest(
                session.orElse("main"),
                size(call),
                Parameters.count(call, "offset"),
                altScreen.equals(Optional.of("keep")),
                retention,
                wanted.stdin(),
                takeover);
    }

    private static int extent(Call call, String key, int otherwise) {
        long extent = Parameters.count(call, key).orElse(otherwise);
        if (extent < 1 || extent > TerminalSize.MAX) {
            throw Parameters.wrong(call, key, "1 to %d".formatted(TerminalSize.MAX));
        }
        return (int) extent;
    }

    private static boolean isNotRefused(Call call, String key) {
        return call.parameter(key).isEmpty() || Parameters.flag(call, key);
    }

    private static void checkContainer(Call call) {
        var container = call.parameter("container").orElse("");
        if (!container.isEmpty() && !container.equals(CONTAINER)) {
            throw Parameters.wrong(call, "container", "\"%s\", or none".formatted(CONTAINER));
        }
    }
}
