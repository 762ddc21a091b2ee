/**
 * What {@code kubectl sandbox doctor} concludes from what a cluster answers: pure, each check a function of answers to a finding. A right that is
 * missing is a finding of its own and never ends the others.
 */
@NullMarked
package io.agenttier.cli.doctor;

import org.jspecify.annotations.NullMarked;
