package io.agenttier.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EscapeInputTest {
    @ParameterizedTest
    @CsvSource({
        "abc, abc, false",
        "~., '', true",
        "x~.y, x~.y, false",
        "x|~.y, x|, true",
        "x|~~.y, x|~.y, false",
        "|~a, |~a, false",
        "~|~., ~|, true",
    })
    void leavesOnlyByTildeDotAtTheBeginningOfALine(String typed, String passed, boolean leaves) throws IOException {
        for (int room = 1; room <= 16; room++) {
            var left = new boolean[1];
            var in = new EscapeInput(
                    new ByteArrayInputStream(typed.replace('|', '\r').getBytes(StandardCharsets.US_ASCII)),
                    () -> left[0] = true);
            var got = new StringBuilder();
            var buffer = new byte[room + 1];
            for (int n = in.read(buffer, 0, room + 1); n >= 0; n = in.read(buffer, 0, room + 1)) {
                got.append(new String(buffer, 0, n, StandardCharsets.US_ASCII));
            }
            assertThat(got.toString().replace('\r', '|')).isEqualTo(passed);
            assertThat(left[0]).isEqualTo(leaves);
        }
    }
}
