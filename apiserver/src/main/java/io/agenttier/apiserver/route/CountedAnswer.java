package io.agenttier.apiserver.route;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An answer whose bytes are counted as they are sent.
 *
 * @param bytes grows by what is sent
 */
record CountedAnswer(StreamingAnswer answer, AtomicLong bytes) implements StreamingAnswer {
    @Override
    public void write(byte[] block, int offset, int length) throws IOException {
        answer.write(block, offset, length);
        bytes.addAndGet(length);
    }

    @Override
    public void end(Map<String, String> trailers) throws IOException {
        answer.end(trailers);
    }

    @Override
    public void abort() {
        answer.abort();
    }

    @Override
    public void onClientGone(Runnable action) {
        answer.onClientGone(action);
    }
}
