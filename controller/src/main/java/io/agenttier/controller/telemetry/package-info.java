/**
 * Metrics and health of this program. The only package that imports the Prometheus client.
 */
@org.jspecify.annotations.NullMarked
package io.agenttier.controller.telemetry;
