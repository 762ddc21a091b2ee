package io.agenttier.apiserver.sandboxd;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * A named terminal to attach to: the shell that runs there, or a new one.
 *
 * @param session a DNS label
 * @param offset of the first byte of output; empty for about the last screen
 * @param keepAltScreen whether programs keep their alternate screen; only counts for a new shell
 * @param retention how long the shell is kept without a viewer
 * @param stdin write to it as well
 * @param takeover take the keyboard from another client that has it
 */
public record TerminalRequest(
        String session,
        TerminalSize size,
        OptionalLong offset,
        boolean keepAltScreen,
        Duration retention,
        boolean stdin,
        boolean takeover) {
    String target() {
        return "/v1/terminals?session=%s&cols=%d&rows=%d&retentionSeconds=%d&altScreen=%s&stdin=%b&takeover=%b%s"
                .formatted(
                        Request.encode(session),
                        size.cols(),
                        size.rows(),
                        retention.toSeconds(),
                        keepAltScreen ? "keep" : "strip",
                        stdin,
                        takeover,
                        offset.isPresent() ? "&offset=" + offset.getAsLong() : "");
    }
}
