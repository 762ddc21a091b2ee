/** Agent mode: configure once, invoke per call ({@code spec} behaviour §9). */
@org.jspecify.annotations.NullMarked
package io.agenttier.e2e.agent;
