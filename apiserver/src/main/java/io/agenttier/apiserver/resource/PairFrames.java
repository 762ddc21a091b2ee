package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.route.WebSocket.Received.Piece;
import java.util.Optional;

/**
 * What a client says to several ports by the channels of {@code v4.channel.k8s.io}, as on {@code pods/portforward}: port n has channel 2n
 * for bytes and 2n+1 for its error. Fed piece by piece, since a message may be long and come in fragments.
 */
final class PairFrames {
    private static final int NO_CHANNEL = -1;

    private final int ports;
    private int channel = NO_CHANNEL;

    PairFrames(int ports) {
        this.ports = ports;
    }

    /**
     * Bytes for a port.
     *
     * @param place of the port in the request
     * @param bytes from {@code offset} to the end
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Data(int place, byte[] bytes, int offset) {}

    static int dataChannel(int place) {
        return 2 * place;
    }

    static int errorChannel(int place) {
        return 2 * place + 1;
    }

    /** Empty for what says nothing: the beginning of a message, or a channel that no client sends on. */
    Optional<Data> take(Piece piece) {
        int from = 0;
        if (piece.first()) {
            channel = NO_CHANNEL;
        }
        if (channel == NO_CHANNEL && piece.bytes().length > 0) {
            channel = piece.bytes()[0] & 0xff;
            from = 1;
        }
        boolean isData = channel >= 0 && channel % 2 == 0 && channel / 2 < ports && from < piece.bytes().length;
        return isData ? Optional.of(new Data(channel / 2, piece.bytes(), from)) : Optional.empty();
    }
}
