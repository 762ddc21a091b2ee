package io.agenttier.apiserver.resource;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Bytes as text where they are text. */
final class Utf8 {
    private Utf8() {}

    /** How many bytes at the end begin a character that is not complete: 0 to 3. */
    static int openBytes(byte[] bytes) {
        for (int back = 1; back <= Math.min(3, bytes.length); back++) {
            int b = bytes[bytes.length - back] & 0xff;
            if (b < 0x80) {
                return 0;
            }
            if (b >= 0xc0) {
                int length = b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2;
                boolean valid = b >= 0xc2 && b <= 0xf4;
                return valid && length > back ? back : 0;
            }
        }
        return 0;
    }

    /** Empty if they are no UTF-8. */
    static Optional<String> decode(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** Puts the text under {@code key}, or base64 under {@code keyBase64} if it is none. */
    static void put(Map<String, @Nullable Object> document, String key, byte[] bytes) {
        var text = decode(bytes);
        if (text.isPresent()) {
            document.put(key, text.get());
        } else {
            document.put(key + "Base64", Base64.getEncoder().encodeToString(bytes));
        }
    }

    /** Without the beginning of a character that a size limit has cut. */
    static byte[] withoutOpenEnd(byte[] bytes) {
        return Arrays.copyOf(bytes, bytes.length - openBytes(bytes));
    }
}
