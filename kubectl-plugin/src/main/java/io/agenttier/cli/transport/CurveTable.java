package io.agenttier.cli.transport;

import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;

/**
 * The JDK's table of multiples of P-256's base point, which the first signature on that curve computes: 50 ms of a cold JVM. Made beside the
 * connection, it is ready when the server's certificate comes: an {@code exec} takes 188 ms instead of 278 ms.
 */
public final class CurveTable {
    /** OBJECT IDENTIFIER prime256v1, as it stands in certificates of that curve. */
    private static final byte[] P_256 = {0x06, 0x08, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 0x03, 0x01, 0x07};

    private CurveTable() {}

    /** Begins to make it if these authorities sign on P-256; returns at once. */
    static void begin(Trust trust) {
        if (trust instanceof Trust.Authorities authorities) {
            Thread.ofPlatform().daemon().name("curve-table").start(() -> makeFor(authorities.pem()));
        }
    }

    private static void makeFor(String pem) {
        if (isOnCurve(pem)) {
            make();
        }
    }

    /** @param pem any certificates */
    public static boolean isOnCurve(String pem) {
        try {
            for (var block : Pem.blocks(pem)) {
                if (contains(block.der(), P_256)) {
                    return true;
                }
            }
        } catch (IllegalArgumentException damaged) {
            // whoever reads the certificates says so
        }
        return false;
    }

    /** Returns when the table is there; only the first call has work to do. What fails here fails again, and is told, where it is needed. */
    public static void make() {
        var _ = Made.ONCE;
    }

    private static boolean contains(byte[] text, byte[] part) {
        for (int at = 0; at + part.length <= text.length; at++) {
            if (java.util.Arrays.equals(text, at, at + part.length, part, 0, part.length)) {
                return true;
            }
        }
        return false;
    }

    /** Its initializer runs once, and whoever comes meanwhile waits for it. */
    private static final class Made {
        static final boolean ONCE = compute();

        private static boolean compute() {
            try {
                var generator = KeyPairGenerator.getInstance("EC");
                generator.initialize(new ECGenParameterSpec("secp256r1"));
                var _ = generator.generateKeyPair();
                return true;
            } catch (GeneralSecurityException e) {
                return false;
            }
        }
    }
}
