package io.agenttier.cli.transport;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/** PEM texts (RFC 7468): blocks between BEGIN and END, anything else between them is commentary. */
final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

    private Pem() {}

    /**
     * @param label for example {@code CERTIFICATE}
     * @param base64 its content; empty if it is encrypted
     */
    record Block(String label, String base64, boolean isEncrypted) {
        /** @throws IllegalArgumentException if it is no base64 */
        byte[] der() {
            return Base64.getDecoder().decode(base64);
        }
    }

    static List<Block> blocks(String text) {
        var blocks = new ArrayList<Block>();
        var matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            var label = matcher.group(1);
            var body = matcher.group(2);
            boolean isEncrypted = body.contains("Proc-Type:") || label.startsWith("ENCRYPTED");
            blocks.add(new Block(label, isEncrypted ? "" : body.replaceAll("\\s", ""), isEncrypted));
        }
        return blocks;
    }
}
