package io.agenttier.cli.command;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The browser of whoever runs us. */
final class Browser {
    private final Map<String, String> environment;

    /** @param environment {@code BROWSER} names a program that takes an address */
    Browser(Map<String, String> environment) {
        this.environment = environment;
    }

    /** @return whether a program was started for it */
    boolean open(String url) {
        var program = environment.getOrDefault("BROWSER", "");
        if (program.isEmpty()) {
            boolean isMac =
                    System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("mac");
            program = isMac ? "open" : "xdg-open";
        }
        try {
            var _ = new ProcessBuilder(List.of(program, url))
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
