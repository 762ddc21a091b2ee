@NullMarked
package io.agenttier.apiserver.telemetry;

import org.jspecify.annotations.NullMarked;
