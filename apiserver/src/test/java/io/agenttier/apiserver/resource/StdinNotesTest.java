package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StdinNotesTest {
    private final FakeExchange exchange = FakeExchange.empty();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 4095, 4096, 4097, 10_000})
    void countsAllOfItAndShowsTheBeginningForDevelopmentOnly(int bytes) {
        var text = "0123456789".repeat(1000).substring(0, bytes);
        var base64 = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        var silent = StdinNotes.of(exchange);
        silent.addBase64(base64);
        silent.write();
        assertThat(exchange.notes).hasSize(1).containsEntry("bytes-stdin", Integer.toString(bytes));

        exchange.notesContent = true;
        var shown = bytes == 0 ? null : text.substring(0, Math.min(bytes, 4096));
        var whole = StdinNotes.of(exchange);
        whole.addBase64(base64);
        whole.write();
        assertThat(exchange.notes.remove("stdin")).isEqualTo(shown);
        var pieces = StdinNotes.of(exchange);
        for (int i = 0; i < bytes; i += 1000) {
            pieces.add(text.getBytes(StandardCharsets.UTF_8), i, Math.min(1000, bytes - i));
        }
        pieces.write();
        assertThat(exchange.notes.remove("stdin")).isEqualTo(shown);
        assertThat(exchange.notes).containsEntry("bytes-stdin", Integer.toString(bytes));
    }

    @Test
    void showsWhatIsNoTextAsSuch() {
        exchange.notesContent = true;
        var notes = StdinNotes.of(exchange);
        notes.add(new byte[] {'a', (byte) 0xff, 'b'}, 0, 3);
        notes.write();
        assertThat(exchange.notes).containsEntry("stdin", "a\ufffdb");
    }

    @Test
    void neverShowsWhatIsTypedAtATerminal() {
        exchange.notesContent = true;
        var notes = StdinNotes.ofTerminal(exchange);
        notes.add("password".getBytes(StandardCharsets.UTF_8), 0, 8);
        notes.write();
        assertThat(exchange.notes).hasSize(1).containsEntry("bytes-stdin", "8");
    }
}
