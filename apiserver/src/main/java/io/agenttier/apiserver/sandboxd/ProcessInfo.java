package io.agenttier.apiserver.sandboxd;

import io.agenttier.apiserver.codec.Text;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One process of a sandbox, running or ended.
 *
 * @param id for example {@code exec-0a1b2c3d0123456789abcdef}, or {@code 0a1b2c3d.build} for a name chosen by the caller
 * @param name base name of {@code argv[0]}
 * @param exit null while it runs
 * @param offset end of the combined view
 * @param dropped bytes no longer kept
 * @param viewers readers attached now
 * @param bytesStdin accepted and written to it
 * @param stdinOpen more may come by attach
 * @param tty it has a terminal
 * @param session name of the terminal whose shell it is; empty for other processes
 */
public record ProcessInfo(
        String id,
        ProcessClass type,
        String name,
        Instant startedAt,
        boolean running,
        @Nullable Exit exit,
        long bytesStdout,
        long bytesStderr,
        long offset,
        long dropped,
        long viewers,
        long bytesStdin,
        boolean stdinOpen,
        boolean tty,
        String session) {

    static ProcessInfo from(Fields fields) throws MisbehavedException {
        var id = fields.name("id");
        if (!id.matches("[A-Za-z0-9._-]{1,128}")) {
            throw new MisbehavedException("a process id of the answer is malformed");
        }
        var exit = fields.object("exit");
        return new ProcessInfo(
                id,
                ProcessClass.parse(fields.name("class")),
                Text.printable(fields.name("name"), 256),
                fields.time("startedAt"),
                fields.flag("running"),
                exit.isPresent() ? Exit.from(exit.get()) : null,
                fields.count("bytesStdout"),
                fields.count("bytesStderr"),
                fields.count("offset"),
                fields.count("dropped"),
                fields.count("viewers"),
                fields.count("bytesStdin"),
                fields.flag("stdinOpen"),
                fields.flag("tty"),
                session(fields));
    }

    private static String session(Fields fields) throws MisbehavedException {
        var session = fields.exact("session", 63);
        if (!session.isEmpty() && !session.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")) {
            throw new MisbehavedException("the session of a process is no DNS label");
        }
        return session;
    }
}
