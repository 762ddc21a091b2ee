/**
 * What the user sees: standard output, standard error and exit codes. The only package that touches the process's own streams, so that output of
 * commands stays exact to the byte and nothing else gets between.
 */
@org.jspecify.annotations.NullMarked
package io.agenttier.cli.output;
