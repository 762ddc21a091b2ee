package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.sandboxd.Caller;
import io.agenttier.apiserver.sandboxd.Endpoint;
import io.agenttier.apiserver.sandboxd.Exit;
import io.agenttier.apiserver.sandboxd.Frame;
import io.agenttier.apiserver.sandboxd.FrameStream;
import io.agenttier.apiserver.sandboxd.LogRequest;
import io.agenttier.apiserver.sandboxd.MisbehavedException;
import io.agenttier.apiserver.sandboxd.ProcessInfo;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import io.agenttier.apiserver.sandboxd.Stream;
import io.agenttier.apiserver.telemetry.OutputBytes;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Output of one process that outlives a broken connection: it goes on by {@code log} at the next offset, without losing or doubling a
 * byte, a few times within the grace in which sandboxd keeps a process without readers. When the pod is gone the process ends as
 * {@code lost}. Read by one thread; {@link #abort} is for any.
 */
final class LiveOutput implements AutoCloseable {
    /** Together well below the 10 s of grace. */
    static final List<Duration> PAUSES = List.of(
            Duration.ZERO,
            Duration.ofMillis(200),
            Duration.ofMillis(500),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2));

    /** What it takes to go on: who asks whom about what. */
    record Source(SandboxAccess access, SandboxdClient client, InstantSource clock, List<Duration> pauses) {}

    /**
     * An output that has just been opened.
     *
     * @param view one stream, or both in order of arrival
     * @param follow until the exit record; else to the present end
     */
    record Opened(Endpoint endpoint, FrameStream frames, Optional<Stream> view, boolean follow) {}

    private final Source source;
    private final Call call;
    private final Caller caller;
    private final Opened opened;
    private final ProcessInfo process;
    private final SandboxAccess.AttachedUse use;
    private final CountDownLatch clientGone = new CountDownLatch(1);
    private volatile FrameStream frames;
    private volatile boolean paused;
    private boolean ended;
    private boolean exited;
    private long stdout;
    private long stderr;

    private LiveOutput(Source source, Call call, Caller caller, Opened opened, ProcessInfo process) {
        this.source = source;
        this.call = call;
        this.caller = caller;
        this.opened = opened;
        this.process = process;
        this.frames = opened.frames();
        this.use = opened.follow() ? source.access().attached(call) : () -> {};
    }

    /** Reads the first frame, which says what process it is. Takes over the frames: on failure they are closed. */
    static LiveOutput start(Source source, Call call, Caller caller, Opened opened) throws IOException {
        try {
            var first = opened.frames().next();
            if (first.isPresent() && first.get() instanceof Frame.Started started) {
                return new LiveOutput(source, call, caller, opened, started.process());
            }
            throw new IOException("the daemon's stream does not begin with the process");
        } catch (IOException | RuntimeException e) {
            opened.frames().close();
            throw e;
        }
    }

    ProcessInfo process() {
        return process;
    }

    /** One stream, or both in order of arrival. */
    Optional<Stream> view() {
        return opened.view();
    }

    /** Whether it is read until the process ends, and not to what is there now. */
    boolean isFollowed() {
        return opened.follow();
    }

    /** First offset that was still kept when it was opened. */
    long firstOffset() throws MisbehavedException {
        return opened.frames().firstOffset();
    }

    /** Position after the last byte delivered, in the view asked for. */
    long position() {
        return frames.position();
    }

    /**
     * The next frame, never {@code Started}; empty at the end, and when it is paused.
     *
     * @throws CutException the connection broke and did not come back in time
     * @throws ClientGoneException after {@link #abort}
     */
    Optional<Frame> next() throws IOException {
        while (!ended) {
            var frame = nextOfConnection();
            if (frame.isEmpty() || frame.get() instanceof Frame.Started) {
                continue;
            }
            if (frame.get() instanceof Frame.Output output) {
                count(output);
            }
            exited = frame.get() instanceof Frame.Exited;
            ended = exited;
            return frame;
        }
        return Optional.empty();
    }

    private void count(Frame.Output output) {
        if (output.stream() == Stream.STDOUT) {
            stdout += output.bytes().length;
        } else {
            stderr += output.bytes().length;
        }
    }

    /** What {@link #next} has delivered. */
    OutputBytes delivered() {
        return new OutputBytes(stdout, stderr);
    }

    /** Empty if there is a new connection to read from, or the end was reached. */
    private Optional<Frame> nextOfConnection() throws IOException {
        try {
            var frame = frames.next();
            if (frame.isPresent()) {
                return frame;
            }
            if (!opened.follow()) {
                ended = true;
                return Optional.empty();
            }
        } catch (MisbehavedException e) {
            throw e;
        } catch (IOException e) {
            return goOn(e);
        }
        return goOn(new IOException("the stream ended before the process"));
    }

    /** The client goes on elsewhere, at {@link #position}: {@link #next} has no more. Any thread; does not block. */
    void pause() {
        paused = true;
        frames.abort();
    }

    /** Whether it ended by {@link #pause}, before the process did. */
    boolean isPaused() {
        return paused && !exited;
    }

    private Optional<Frame> goOn(IOException cut) throws IOException {
        long position = frames.position();
        frames.close();
        if (paused) {
            ended = true;
            return Optional.empty();
        }
        for (var pause : source.pauses()) {
            waitUnlessClientGone(pause);
            try {
                var endpoint = source.access().find(call, opened.endpoint().incarnation());
                if (endpoint.isEmpty()) {
                    var lost = Exit.lost(
                            "the pod ended before the process did",
                            source.clock().instant());
                    return Optional.of(new Frame.Exited(lost, position));
                }
                var log = new LogRequest(process.id(), opened.view(), position, opened.follow());
                frames = source.client().log(endpoint.get(), caller, log);
                if (clientGone.getCount() == 0 || paused) {
                    frames.abort();
                }
                return Optional.empty();
            } catch (IOException | ApiException e) {
                cut.addSuppressed(e);
            }
        }
        throw new CutException(process.id(), position, cut);
    }

    private void waitUnlessClientGone(Duration pause) throws ClientGoneException {
        try {
            if (clientGone.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new ClientGoneException();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientGoneException();
        }
    }

    /** Nobody waits for it any more: cuts the connection, so that sandboxd sees its reader gone. Any thread; does not block. */
    void abort() {
        clientGone.countDown();
        frames.abort();
    }

    @Override
    public void close() {
        use.close();
        frames.close();
    }
}
