/**
 * JSON in and out, by jackson-core's streaming parser alone: data binding would cost 25 to 50 ms of every start. A document is read into a
 * {@link io.agenttier.cli.json.Json} that answers questions about paths and never throws for what is absent.
 */
@org.jspecify.annotations.NullMarked
package io.agenttier.cli.json;
