package io.agenttier.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PendingInputTest {
    private static final int MAX = 32 * 1024;

    private final PendingInput pending = new PendingInput();

    private void append(int... bytes) throws InterruptedException {
        for (int one : bytes) {
            pending.append(new byte[] {0, (byte) one, 0}, 1, 1);
        }
    }

    @Test
    void joinsSmallPiecesAndEndsWhereTheInputDoes() throws Exception {
        append(1, 2, 3, 4);
        pending.end();

        assertThat(pending.next(0, MAX)).containsExactly(1, 2, 3, 4);
        assertThat(pending.next(1, 2)).containsExactly(2, 3);
        assertThat(pending.next(4, MAX)).isNull();
    }

    @Test
    void whatIsAcknowledgedMakesRoomAndIsGone() throws Exception {
        var done = CompletableFuture.runAsync(() -> {
            try {
                pending.append(new byte[PendingInput.CAPACITY + 2], 0, PendingInput.CAPACITY + 2);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(pending.next(0, Integer.MAX_VALUE)).isNotEmpty();
        assertThat(pending.awaitHalfFull()).isTrue();
        assertThat(pending.next(PendingInput.CAPACITY - 1, MAX)).hasSize(1);
        assertThat(done).as("full").isNotDone();
        assertThat(pending.acknowledge(2)).isTrue();
        done.get();
        assertThat(pending.next(PendingInput.CAPACITY, MAX)).hasSize(2);
        assertThatThrownBy(() -> pending.next(1, MAX)).hasMessageContaining("offset 1 was acknowledged");
    }

    @Test
    void aServerThatForgotOrKnowsMoreIsNoticed() throws Exception {
        append(1, 2, 3, 4, 5);
        assertThat(pending.next(0, 3)).hasSize(3);
        assertThat(pending.acknowledge(3)).isTrue();
        assertThat(pending.acknowledge(2)).as("forgotten").isFalse();
        assertThat(pending.acknowledge(4)).as("never sent").isFalse();
    }

    @Test
    void nobodyIsAskedForALittleInputThatHasEnded() throws Exception {
        append(1);
        pending.end();
        assertThat(pending.awaitHalfFull()).isFalse();
    }

    @Test
    void keepsEveryByteInItsPlaceWhereverItIsTakenUpAgain() throws Exception {
        for (int seed = 0; seed < 50; seed++) {
            var random = new Random(seed);
            var ring = new PendingInput();
            var all = new byte[random.nextInt(1, 1 << 20)];
            random.nextBytes(all);
            var got = new ByteArrayOutputStream();
            int appended = 0;
            int sent = 0;
            while (got.size() < all.length) {
                int more = Math.min(all.length - appended, random.nextInt(1, 100_000));
                ring.append(all, appended, more);
                appended += more;
                while (sent < appended && random.nextInt(8) > 0) {
                    sent += Objects.requireNonNull(ring.next(sent, random.nextInt(1, 50_000))).length;
                }
                int taken = random.nextInt(got.size(), sent + 1);
                if (taken > got.size()) {
                    got.writeBytes(Objects.requireNonNull(ring.next(got.size(), taken - got.size())));
                }
                assertThat(ring.acknowledge(taken)).isTrue();
                sent = random.nextBoolean() ? taken : sent;
            }
            assertThat(got.toByteArray()).as("seed %d", seed).isEqualTo(all);
        }
    }
}
