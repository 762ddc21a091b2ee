package io.agenttier.cli.command;

import java.util.ArrayList;
import java.util.List;

/** Splits text into words as a shell does: quotes and backslashes count. Nothing is expanded. */
final class ShellWords {
    private static final String ESCAPABLE_IN_QUOTES = "$`\"\\";

    private final String text;
    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean inWord;
    private int at;

    private ShellWords(String text) {
        this.text = text;
    }

    /** @param option for the message */
    static List<String> split(String option, String text) throws UsageException {
        return new ShellWords(text).all(option);
    }

    private List<String> all(String option) throws UsageException {
        while (at < text.length()) {
            char c = text.charAt(at++);
            switch (c) {
                case ' ', '\t', '\n' -> end();
                case '\'' -> singleQuoted(option);
                case '"' -> doubleQuoted(option);
                case '\\' -> escaped(option);
                default -> take(c);
            }
        }
        end();
        return List.copyOf(words);
    }

    private void singleQuoted(String option) throws UsageException {
        inWord = true;
        int end = text.indexOf('\'', at);
        if (end < 0) {
            throw unfinished(option, "a single quote");
        }
        word.append(text, at, end);
        at = end + 1;
    }

    private void doubleQuoted(String option) throws UsageException {
        inWord = true;
        for (; at < text.length() && text.charAt(at) != '"'; at++) {
            char c = text.charAt(at);
            boolean hasNext = at + 1 < text.length();
            if (c == '\\' && hasNext && text.charAt(at + 1) == '\n') {
                at++;
            } else if (c == '\\' && hasNext && ESCAPABLE_IN_QUOTES.indexOf(text.charAt(at + 1)) >= 0) {
                word.append(text.charAt(++at));
            } else {
                word.append(c);
            }
        }
        if (at >= text.length()) {
            throw unfinished(option, "a double quote");
        }
        at++;
    }

    /** A backslash before the end of a line joins it with the next one. */
    private void escaped(String option) throws UsageException {
        if (at == text.length()) {
            throw new UsageException("%s %s is invalid: it ends with a backslash".formatted(option, quoted()));
        }
        char c = text.charAt(at++);
        if (c != '\n') {
            take(c);
        }
    }

    private void take(char c) {
        inWord = true;
        word.append(c);
    }

    private void end() {
        if (inWord) {
            words.add(word.toString());
            word.setLength(0);
            inWord = false;
        }
    }

    private UsageException unfinished(String option, String quote) {
        return new UsageException("%s %s is invalid: %s is not closed".formatted(option, quoted(), quote));
    }

    private String quoted() {
        return '"' + text + '"';
    }
}
