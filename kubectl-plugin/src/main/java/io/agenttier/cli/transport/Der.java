package io.agenttier.cli.transport;

import java.io.ByteArrayOutputStream;

/** As much of DER as wrapping a bare private key into PKCS#8 needs. */
final class Der {
    static final int SEQUENCE = 0x30;
    static final int OCTETS = 0x04;
    static final int CONTEXT_0 = 0xA0;

    /** INTEGER 0, the version of PKCS#8. */
    static final byte[] ZERO = {0x02, 0x01, 0x00};

    /** SEQUENCE { OBJECT IDENTIFIER rsaEncryption, NULL }. */
    static final byte[] RSA_ENCRYPTION = {
        0x30, 0x0D, 0x06, 0x09, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00
    };

    /** OBJECT IDENTIFIER id-ecPublicKey. */
    static final byte[] EC_PUBLIC_KEY = {0x06, 0x07, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 0x02, 0x01};

    private Der() {}

    /** One value: tag, length, the parts one after the other. */
    static byte[] value(int tag, byte[]... parts) {
        var content = new ByteArrayOutputStream();
        for (var part : parts) {
            content.writeBytes(part);
        }
        var whole = new ByteArrayOutputStream();
        whole.write(tag);
        int length = content.size();
        if (length < 0x80) {
            whole.write(length);
        } else {
            int bytes = (32 - Integer.numberOfLeadingZeros(length) + 7) / 8;
            whole.write(0x80 | bytes);
            for (int i = bytes - 1; i >= 0; i--) {
                whole.write(length >>> (8 * i));
            }
        }
        whole.writeBytes(content.toByteArray());
        return whole.toByteArray();
    }

    /**
     * Content of the first value with this tag directly within the outer sequence.
     *
     * @throws IllegalArgumentException if the text is no such sequence or has none
     */
    static byte[] child(byte[] sequence, int tag) {
        var outer = new Cursor(sequence, 0, sequence.length);
        outer.next();
        var inner = new Cursor(sequence, outer.contentFrom, outer.contentTo);
        while (inner.next()) {
            if (inner.tag == tag) {
                return java.util.Arrays.copyOfRange(sequence, inner.contentFrom, inner.contentTo);
            }
        }
        throw new IllegalArgumentException("a part with tag %d is missing".formatted(tag));
    }

    private static final class Cursor {
        private final byte[] bytes;
        private final int end;
        private int at;
        private int tag;
        private int contentFrom;
        private int contentTo;

        Cursor(byte[] bytes, int from, int to) {
            this.bytes = bytes;
            this.at = from;
            this.end = to;
        }

        boolean next() {
            if (at >= end) {
                return false;
            }
            tag = read();
            int length = read();
            if (length >= 0x80) {
                int count = length & 0x7F;
                if (count == 0 || count > 3) {
                    throw new IllegalArgumentException("has a length that no key has");
                }
                length = 0;
                for (int i = 0; i < count; i++) {
                    length = length << 8 | read();
                }
            }
            if (length > end - at) {
                throw new IllegalArgumentException("ends too early");
            }
            contentFrom = at;
            contentTo = at + length;
            at = contentTo;
            return true;
        }

        private int read() {
            if (at >= end) {
                throw new IllegalArgumentException("ends too early");
            }
            return bytes[at++] & 0xFF;
        }
    }
}
