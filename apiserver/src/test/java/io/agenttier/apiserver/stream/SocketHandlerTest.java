package io.agenttier.apiserver.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.apiserver.route.ClientGoneException;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On a channel that keeps its own time. */
@Timeout(60)
class SocketHandlerTest {
    private static final int PIECE = 40 * 1024;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final AtomicInteger stalls = new AtomicInteger();
    private final PieceQueue queue = new PieceQueue();
    private final ClientPresence client =
            new ClientPresence(channel, new OutboundBudget(1 << 20), stalls::incrementAndGet);
    private final SocketHandler handler = new SocketHandler(queue, client);
    private final Network network = new Network();

    /** Takes everything, or nothing: what is written then stays in the channel's buffer. */
    private static final class Network extends ChannelOutboundHandlerAdapter {
        private boolean full;

        @Override
        public void flush(ChannelHandlerContext ctx) {
            if (!full) {
                ctx.flush();
            }
        }
    }

    @BeforeEach
    void begin() {
        channel.freezeTime();
        channel.pipeline().addLast(network, handler);
        handler.begin(context());
    }

    @AfterEach
    void end() {
        network.full = false;
        channel.finishAndReleaseAll();
    }

    private ChannelHandlerContext context() {
        return channel.pipeline().context(handler);
    }

    private void pass(Duration time) {
        channel.advanceTimeBy(time.toMillis(), TimeUnit.MILLISECONDS);
        channel.runPendingTasks();
    }

    private void passSeconds(int seconds) {
        pass(Duration.ofSeconds(seconds));
    }

    /** More than the buffer's high mark stays unsent. */
    private void stopTaking() {
        network.full = true;
        for (int i = 0; i < 6; i++) {
            var _ = channel.write(Unpooled.wrappedBuffer(new byte[PIECE]));
        }
        assertThat(channel.isWritable()).isFalse();
    }

    /** One piece leaves; so much is left that the channel takes no more. */
    private void takeAPiece() {
        var buffer = channel.unsafe().outboundBuffer();
        assertThat(buffer).isNotNull();
        buffer.addFlush();
        assertThat(buffer.remove()).isTrue();
        assertThat(channel.isWritable()).isFalse();
    }

    private void hear() {
        channel.writeInbound(new PongWebSocketFrame());
    }

    @Test
    void pingsEvery15Seconds() {
        pass(Duration.ofMillis(14_999));
        assertThat(channel.<Object>readOutbound()).isNull();
        for (int i = 0; i < 3; i++) {
            pass(Duration.ofMillis(1));
            assertThat(channel.<Object>readOutbound()).isInstanceOf(PingWebSocketFrame.class);
            hear();
            pass(Duration.ofMillis(14_999));
            assertThat(channel.<Object>readOutbound()).isNull();
        }
    }

    @Test
    void letsGoOfAClientThatIsSilentFor70Seconds() {
        passSeconds(70);
        assertThat(channel.isOpen()).isTrue();
        assertThat(client.isGone()).isFalse();
        passSeconds(5);
        assertThat(channel.isOpen()).isFalse();
        assertThat(client.isGone()).isTrue();
    }

    @Test
    void keepsAClientThatAnswersPings() {
        for (int i = 0; i < 100; i++) {
            passSeconds(60);
            hear();
        }
        assertThat(channel.isOpen()).isTrue();
        passSeconds(75);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void doesNotCallAClientSilentWhileItIsNotRead() throws Exception {
        var stdin = Unpooled.wrappedBuffer(new byte[128 * 1024]);
        channel.writeInbound(new BinaryWebSocketFrame(stdin));
        assertThat(handler.isPaused()).isTrue();
        passSeconds(600);
        assertThat(channel.isOpen()).isTrue();
        queue.receive(Duration.ZERO);
        handler.resume(context());
        assertThat(handler.isPaused()).isFalse();
        passSeconds(60);
        assertThat(channel.isOpen()).as("the wait begins when it is read again").isTrue();
        passSeconds(30);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void lets70SecondsPassForAClientThatTakesNothing() {
        passSeconds(15);
        stopTaking();
        for (int i = 0; i < 4; i++) {
            passSeconds(15);
            hear();
        }
        assertThat(channel.isOpen()).as("paused for 60 s").isTrue();
        passSeconds(15);
        assertThat(channel.isOpen()).as("paused for 75 s").isFalse();
        assertThat(stalls).hasValue(1);
        assertThat(client.isGone()).isTrue();
    }

    @Test
    void letsGoOfAClientThatTakesNothingEvenWhileItIsNotRead() {
        channel.writeInbound(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(new byte[128 * 1024])));
        assertThat(handler.isPaused()).isTrue();
        stopTaking();
        passSeconds(75);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void keepsAClientThatTakesALittleNowAndThen() {
        stopTaking();
        for (int i = 0; i < 4; i++) {
            passSeconds(60);
            hear();
            takeAPiece();
        }
        passSeconds(60);
        assertThat(channel.isOpen()).as("after 5 minutes").isTrue();
    }

    @Test
    void goesOnWithAClientThatTakesEverythingAgain() {
        stopTaking();
        passSeconds(60);
        hear();
        network.full = false;
        channel.flush();
        assertThat(channel.isWritable()).isTrue();
        passSeconds(60);
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void queuesNothingForAClientThatTakesNothing() {
        stopTaking();
        long before = channel.bytesBeforeWritable();
        for (int i = 0; i < 50; i++) {
            channel.writeInbound(new PingWebSocketFrame(Unpooled.wrappedBuffer(new byte[100])));
            passSeconds(1);
        }
        assertThat(channel.bytesBeforeWritable()).isEqualTo(before);
        network.full = false;
        channel.flush();
        assertThat(channel.outboundMessages())
                .as("of many pings the last one is answered")
                .filteredOn(PongWebSocketFrame.class::isInstance)
                .hasSize(1);
    }

    @Test
    void wakesWhoWaitsToSend() throws Exception {
        stopTaking();
        var goesOn = waiting();
        network.full = false;
        channel.flush();
        assertThat(goesOn.get(30, TimeUnit.SECONDS)).isTrue();
        stopTaking();
        var givesUp = waiting();
        passSeconds(75);
        assertThatThrownBy(() -> givesUp.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(ClientGoneException.class);
    }

    private FutureTask<Boolean> waiting() {
        Callable<Boolean> send = () -> {
            client.awaitRoom();
            return true;
        };
        var task = new FutureTask<>(send);
        Thread.ofVirtual().start(task);
        return task;
    }

    @Test
    void waits5SecondsForTheAnswerToAClose() {
        handler.close(context(), 1000, "");
        assertThat(channel.<Object>readOutbound()).isInstanceOf(CloseWebSocketFrame.class);
        pass(Duration.ofMillis(4_999));
        assertThat(channel.isOpen()).isTrue();
        pass(Duration.ofMillis(1));
        assertThat(channel.isOpen()).isFalse();
    }
}
