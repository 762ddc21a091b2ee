package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.apiserver.route.WebSocket.Received.Piece;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PairFramesTest {
    private final PairFrames frames = new PairFrames(2);

    private static Piece whole(int... bytes) {
        return piece(true, true, bytes);
    }

    private static Piece piece(boolean first, boolean last, int... bytes) {
        var content = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            content[i] = (byte) bytes[i];
        }
        return new Piece(content, first, last);
    }

    /** The place of the port and its bytes, as text. */
    private static Optional<String> told(Optional<PairFrames.Data> data) {
        return data.map(d -> d.place() + Arrays.toString(Arrays.copyOfRange(d.bytes(), d.offset(), d.bytes().length)));
    }

    @Test
    void evenChannelsAreThePortsInTheirOrder() {
        assertThat(told(frames.take(whole(0, 7, 8)))).hasValue("0[7, 8]");
        assertThat(told(frames.take(whole(2, 9)))).hasValue("1[9]");
    }

    @Test
    void aMessageInFragmentsBelongsToOnePort() {
        assertThat(frames.take(piece(true, false))).isEmpty();
        assertThat(frames.take(piece(false, false, 2))).isEmpty();
        assertThat(told(frames.take(piece(false, false, 0, 1)))).hasValue("1[0, 1]");
        assertThat(told(frames.take(piece(false, true, 2)))).hasValue("1[2]");
        assertThat(told(frames.take(whole(0, 5)))).hasValue("0[5]");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 5, 127, 128, 254, 255})
    void whatIsNoChannelOfAClientSaysNothing(int channel) {
        assertThat(frames.take(whole(channel, 1, 2))).isEmpty();
    }

    @Test
    void anEmptyMessageSaysNothing() {
        assertThat(frames.take(whole())).isEmpty();
        assertThat(frames.take(whole(0))).isEmpty();
    }
}
