/** What the command line says, as typed values: one record with all defaults, and exact words for whatever is wrong. */
@org.jspecify.annotations.NullMarked
package io.agenttier.controller.config;
