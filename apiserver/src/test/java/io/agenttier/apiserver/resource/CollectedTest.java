package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.apiserver.sandboxd.Frame;
import io.agenttier.apiserver.sandboxd.Stream;
import java.time.Duration;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CollectedTest {
    private static final int MIB = 1 << 20;

    @Test
    void takesWhatFitsAndNothingAfterAGapOfItsOwnMaking() {
        var budget = new MemoryBudget(6 * MIB, Duration.ZERO, () -> {});
        try (var memory = budget.share()) {
            var collected = new Collected(8 * MIB, memory);
            collected.add(output(Stream.STDOUT, "a", MIB));
            collected.add(output(Stream.STDOUT, "b", 1));
            collected.add(output(Stream.STDERR, "c", 1));
            var document = new LinkedHashMap<String, @Nullable Object>();
            collected.addTo(document);
            assertThat(collected.isTruncated()).isTrue();
            assertThat(String.valueOf(document.get("stdout"))).matches("a+").hasSizeBetween(64 * 1024, MIB - 1);
            assertThat(document).containsEntry("stderr", "");
        }
    }

    @Test
    void givesItsMemoryBack() {
        var budget = new MemoryBudget(6 * MIB, Duration.ZERO, () -> {});
        for (int i = 0; i < 10; i++) {
            try (var memory = budget.share()) {
                assertThat(memory.grow(6 * MIB)).isTrue();
                assertThat(memory.grow(1)).isFalse();
            }
        }
    }

    @Test
    void countsNoSmallAnswers() {
        try (var memory = new MemoryBudget(0, Duration.ZERO, () -> {}).share()) {
            var collected = new Collected(8 * MIB, memory);
            collected.add(output(Stream.STDOUT, "a", 64 * 1024));
            assertThat(collected.isTruncated()).isFalse();
        }
    }

    private static Frame.Output output(Stream stream, String text, int times) {
        return new Frame.Output(stream, 0, text.repeat(times).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
}
