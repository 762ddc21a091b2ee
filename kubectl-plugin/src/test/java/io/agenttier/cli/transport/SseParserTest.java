package io.agenttier.cli.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SseParserTest {
    private static final String[] ENDS = {"\n", "\r\n", "\r"};

    @Test
    void readsTheSameEventsHoweverTheBytesAreSplit() throws Exception {
        for (int seed = 0; seed < 200; seed++) {
            var random = new Random(seed);
            var expected = new ArrayList<SseEvent>();
            var bytes = stream(random, expected).getBytes(StandardCharsets.UTF_8);
            assertThat(parse(bytes, new Random(seed), bytes.length))
                    .as("seed %d, whole", seed)
                    .isEqualTo(expected);
            assertThat(parse(bytes, new Random(seed), 1))
                    .as("seed %d, byte by byte", seed)
                    .isEqualTo(expected);
            assertThat(parse(bytes, new Random(seed), 9))
                    .as("seed %d, random", seed)
                    .isEqualTo(expected);
        }
    }

    @Test
    void yieldsNoHalfEventWhereverTheStreamEnds() throws Exception {
        var bytes = "event: log\ndata: {\"a\":1}\n\nevent: exit\ndata: {}\n\n".getBytes(StandardCharsets.UTF_8);
        for (int end = 0; end <= bytes.length; end++) {
            var events = parse(java.util.Arrays.copyOf(bytes, end), new Random(1), 5);
            assertThat(events).hasSize(end < 26 ? 0 : end < bytes.length ? 1 : 2);
        }
    }

    @Test
    void survivesAnyBytes() throws Exception {
        for (int seed = 0; seed < 300; seed++) {
            var random = new Random(seed);
            var bytes = new byte[random.nextInt(400)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) "data: event:\n\r\u00ff".charAt(random.nextInt(15));
            }
            assertThat(parse(bytes, random, 7)).as("seed %d", seed).isEqualTo(parse(bytes, random, bytes.length + 1));
        }
    }

    private static String stream(Random random, List<SseEvent> expected) {
        var text = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            var end = ENDS[random.nextInt(ENDS.length)];
            text.append(": comment").append(end);
            if (random.nextBoolean()) {
                text.append("id: 17").append(end);
            }
            var first = "ä€𝄞 x".substring(0, random.nextInt(3));
            text.append("event:")
                    .append(random.nextBoolean() ? " " : "")
                    .append("log")
                    .append(end);
            text.append("data: ").append(first).append(end);
            var second = random.nextBoolean();
            if (second) {
                text.append("data").append(end);
            }
            text.append(end);
            expected.add(new SseEvent("log", first + (second ? "\n" : "")));
        }
        return text.toString();
    }

    private static List<SseEvent> parse(byte[] bytes, Random random, int most) throws Exception {
        var parser = new SseParser();
        var events = new ArrayList<SseEvent>();
        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(bytes.length - at, 1 + random.nextInt(most));
            parser.feed(bytes, at, length, events::add);
            at += length;
        }
        return events;
    }
}
