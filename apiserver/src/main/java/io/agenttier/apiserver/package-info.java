/** The aggregated API server of AgentTier: its configuration, its graph of parts, the order in which it starts and stops. */
@NullMarked
package io.agenttier.apiserver;

import org.jspecify.annotations.NullMarked;
