/**
 * What operators see: metrics, spans, audit lines ({@code audit.k8s.io/v1} Events on logger {@code audit}), log level. The only package that
 * imports the libraries of metrics and traces. Nothing here holds argv, stdin, prompts or other content of a call, unless
 * {@code audit.includeInvokePayloads} asks for it in the audit lines.
 */
@NullMarked
package io.agenttier.apiserver.telemetry;

import org.jspecify.annotations.NullMarked;
