package io.agenttier.apiserver.codec;

/** Text of a pod or a caller, made fit for logs, terminals, Events and JSON. */
public final class Text {
    private Text() {}

    /** At most {@code max} characters; control characters become a space. */
    public static String printable(String text, int max) {
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
