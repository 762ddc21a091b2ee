package io.agenttier.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PendingInputTest {
    private final PendingInput pending = new PendingInput();

    @Test
    void goesOnWithinAPieceAndEndsWhereTheInputDoes() throws Exception {
        pending.append(new byte[] {1, 2, 3});
        pending.append(new byte[] {4});
        pending.end();

        assertThat(pending.next(0)).containsExactly(1, 2, 3);
        assertThat(pending.next(1)).containsExactly(2, 3);
        assertThat(pending.next(3)).containsExactly(4);
        assertThat(pending.next(4)).isNull();
    }

    @Test
    void whatIsAcknowledgedMakesRoomAndIsGone() throws Exception {
        pending.append(new byte[PendingInput.CAPACITY]);
        var appended = new CountDownLatch(1);
        Thread.ofVirtual().start(() -> {
            try {
                pending.append(new byte[] {7});
                appended.countDown();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(pending.acknowledge(1)).isTrue();
        assertThat(appended.getCount()).as("a piece is kept whole").isOne();
        assertThat(pending.acknowledge(PendingInput.CAPACITY)).isTrue();
        appended.await();
        assertThat(pending.next(PendingInput.CAPACITY)).containsExactly(7);
    }

    @Test
    void aServerThatForgotOrKnowsMoreIsNoticed() throws Exception {
        pending.append(new byte[10]);
        assertThat(pending.acknowledge(10)).isTrue();
        assertThat(pending.acknowledge(5)).as("forgotten").isFalse();
        assertThat(pending.acknowledge(11)).as("never sent").isFalse();
    }

    @Test
    void nobodyIsAskedForALittleInputThatHasEnded() throws Exception {
        pending.append(new byte[10]);
        pending.end();
        assertThat(pending.awaitHalfFull()).isFalse();
    }
}
