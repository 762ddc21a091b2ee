package io.agenttier.cli.transport;

/**
 * One server-sent event.
 *
 * @param name its {@code event:}, {@code message} if it has none
 * @param data its {@code data:} lines, joined by line feeds
 */
public record SseEvent(String name, String data) {}
