package io.agenttier.cli.command;

import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.ApiPath;
import io.agenttier.cli.transport.Backoff;
import io.agenttier.cli.transport.CutException;
import io.agenttier.cli.transport.Request;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;

/**
 * Writes one file of a sandbox, which has its name only when it is whole. What fits into one part replaces the file at once. kube-apiserver cuts a call
 * after 60 s, so a larger file comes in parts under a name of its own, and gets the right one at the end.
 */
final class Upload {
    /** Within 60 s even over 3 Mbit/s. */
    static final int PART = 16 * 1024 * 1024;

    private static final int MAX_TRIES = 8;
    private static final int MAX_ANSWER = 1024 * 1024;

    private final Session session;
    private final RemoteFiles files;
    private final RemotePath place;
    private final FileProperties properties;
    private final Backoff backoff;
    private final Progress progress;

    Upload(Session session, RemotePath place, FileProperties properties, Progress progress) {
        this.session = session;
        this.files = new RemoteFiles(session);
        this.place = place;
        this.properties = properties;
        this.backoff = session.backoff();
        this.progress = progress;
    }

    /** @return bytes written */
    long from(InputStream content) throws IOException {
        var part = content.readNBytes(PART);
        if (part.length < PART) {
            replace(call(place, properties.mode()), part);
            return part.length;
        }
        var temporary = place.sibling(
                LocalFile.TEMPORARY + Long.toHexString(session.random().nextLong()));
        Runnable removal = () -> files.tryToRemove(temporary);
        session.interrupts().halfDone(removal);
        boolean isWhole = false;
        try {
            long size = parts(part, content, temporary);
            name(temporary);
            isWhole = true;
            return size;
        } finally {
            session.interrupts().settled(removal);
            progress.end();
            if (!isWhole) {
                removal.run();
            }
        }
    }

    private long parts(byte[] first, InputStream content, RemotePath temporary) throws IOException {
        var part = first;
        var call = call(temporary, modeOfTheWhole());
        replace(call, part);
        long size = part.length;
        progress.at(size);
        while (part.length == PART) {
            part = content.readNBytes(PART);
            if (part.length > 0) {
                append(call, part, size);
                size += part.length;
                progress.at(size);
            }
        }
        return size;
    }

    /** A file without a mode of its own keeps that of the file it replaces. */
    private String modeOfTheWhole() throws IOException {
        if (!properties.mode().isEmpty()) {
            return properties.mode();
        }
        return files.stat(place)
                .filter(entry -> entry.linkTarget().isEmpty() && !entry.isDir())
                .map(RemoteEntry::mode)
                .orElse("");
    }

    private ApiPath call(RemotePath to, String mode) throws IOException {
        var call = files.call(to);
        var withMode = mode.isEmpty() ? call : call.query("mode", mode);
        return properties
                .modifiedAt()
                .map(time -> withMode.query("mtime", time.toString()))
                .orElse(withMode);
    }

    /** Atomic, so repeating it does no harm. */
    private void replace(ApiPath call, byte[] part) throws IOException {
        backoff.reset();
        while (true) {
            try {
                put(call, part, 0);
                return;
            } catch (CutException e) {
                again(e);
            } catch (ApiException e) {
                againIfPassing(e);
            }
        }
    }

    /** After a cut it may have happened: then there is nothing left to move. */
    private void name(RemotePath temporary) throws IOException {
        backoff.reset();
        for (boolean isFirst = true; ; isFirst = false) {
            try {
                if (isFirst || files.stat(temporary).isPresent()) {
                    files.replace(temporary, place);
                }
                return;
            } catch (CutException e) {
                again(e);
            } catch (ApiException e) {
                againIfPassing(e);
            }
        }
    }

    /** After a cut the file may hold none, some or all of the part: its size tells where to go on. */
    private void append(ApiPath call, byte[] part, long size) throws IOException {
        backoff.reset();
        for (boolean isFirst = true; ; isFirst = false) {
            try {
                int done = isFirst ? 0 : written(call, part, size);
                if (done < part.length) {
                    put(call.query("offset", String.valueOf(size + done)), part, done);
                }
                return;
            } catch (CutException e) {
                again(e);
            } catch (ApiException e) {
                // the part that broke off was still being written when the size was asked
                boolean isLate = !isFirst && e.failure().code() == 409;
                if (isLate) {
                    again(e);
                } else {
                    againIfPassing(e);
                }
            }
        }
    }

    private void put(ApiPath call, byte[] part, int from) throws IOException {
        var body = from == 0 ? part : java.util.Arrays.copyOfRange(part, from, part.length);
        if (session.interrupts().hasBegun()) {
            throw new InterruptedIOException("interrupted");
        }
        var request =
                Request.of("PUT", call.toString()).accept("application/json").body("application/octet-stream", body);
        try (var response = session.api().send(request)) {
            response.bytes(MAX_ANSWER);
        }
    }

    private int written(ApiPath call, byte[] part, long size) throws IOException {
        var request = Request.of("GET", call.query("stat", "true").toString()).accept("application/json");
        try (var response = session.api().send(request)) {
            var answer = JsonReader.parse(response.bytes(MAX_ANSWER));
            long now = answer.at("size").number().orElse(-1);
            if (now < size || now > size + part.length) {
                throw new FailedException(
                        "somebody else changed the file while it was written: it has %d bytes now".formatted(now));
            }
            return (int) (now - size);
        }
    }

    /** A gateway answers so for a server that went away under the call. */
    private void againIfPassing(ApiException e) throws IOException {
        if (!e.failure().isPassing()) {
            throw e;
        }
        again(e);
    }

    private void again(IOException e) throws IOException {
        if (backoff.tries() >= MAX_TRIES) {
            throw e;
        }
        session.interrupts().take(backoff.next());
    }
}
