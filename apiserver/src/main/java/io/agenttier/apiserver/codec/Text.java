package io.agenttier.apiserver.sandboxd;

/** Text of a pod, made fit for logs, terminals and JSON. */
final class Text {
    private Text() {}

    /** At most {@code max} characters; control characters become a space. */
    static String printable(String text, int max) {
        int length = Math.min(text.length(), max);
        if (length > 0 && length < text.length() && Character.isHighSurrogate(text.charAt(length - 1))) {
            length--;
        }
        var printable = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            printable.append(Character.isISOControl(c) ? ' ' : c);
        }
        return printable.toString();
    }
}
