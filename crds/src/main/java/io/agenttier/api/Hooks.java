package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * Shell text that runs when the sandbox changes its state.
 *
 * @param onStart Runs after each start, before the sandbox is Ready.
 * @param onStop Runs before the sandbox stops.
 * @param onIdle Runs before the sandbox stops because it was idle.
 * @param onResume Runs after a stopped sandbox was started again.
 */
public record Hooks(
        @Nullable String onStart,
        @Nullable String onStop,
        @Nullable String onIdle,
        @Nullable String onResume) {}
