@org.jspecify.annotations.NullMarked
package io.agenttier.api.port;
