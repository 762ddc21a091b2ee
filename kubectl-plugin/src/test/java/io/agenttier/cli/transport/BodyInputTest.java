package io.agenttier.cli.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyInputTest {
    private static final String CHUNKED =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nWiki\r\n5\r\npedia\r\n0\r\nT: 1\r\n\r\n";
    private static final String LENGTH = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nWikipedia";

    @ParameterizedTest
    @ValueSource(strings = {CHUNKED, LENGTH, "HTTP/1.0 200\r\n\r\nWikipedia", "HTTP/1.1 100 Continue\r\n\r\n" + LENGTH})
    void readsTheWholeBody(String answer) throws Exception {
        assertThat(body(answer.getBytes(StandardCharsets.ISO_8859_1))).isEqualTo("Wikipedia");
    }

    @ParameterizedTest
    @ValueSource(strings = {CHUNKED, LENGTH})
    void neverTakesACutBodyForAWholeOne(String answer) {
        var bytes = answer.getBytes(StandardCharsets.ISO_8859_1);
        for (int end = 0; end < bytes.length; end++) {
            var cut = Arrays.copyOf(bytes, end);
            assertThatThrownBy(() -> body(cut)).as("cut at %d", end).isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
                "HTTP/2 200\r\n\r\n",
                "SSH-2.0-OpenSSH\r\n\r\n"
            })
    void refusesWhatIsNoAnswer(String answer) {
        assertThatThrownBy(() -> body(answer.getBytes(StandardCharsets.ISO_8859_1)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void boundsTheHead() {
        var endless = "HTTP/1.1 200 OK\r\n" + "A: b\r\n".repeat(100_000) + "\r\n";
        assertThatThrownBy(() -> body(endless.getBytes(StandardCharsets.ISO_8859_1)))
                .hasMessageContaining("too large head");
        var longLine = "HTTP/1.1 200 OK\r\nA: " + "b".repeat(100_000) + "\r\n\r\n";
        assertThatThrownBy(() -> body(longLine.getBytes(StandardCharsets.ISO_8859_1)))
                .hasMessageContaining("a line of more than");
    }

    private static String body(byte[] answer) throws IOException {
        var in = new WireInput(new ByteArrayInputStream(answer));
        var head = ResponseHead.read(in);
        return new String(BodyInput.of(in, head, "GET").readAllBytes(), StandardCharsets.ISO_8859_1);
    }
}
