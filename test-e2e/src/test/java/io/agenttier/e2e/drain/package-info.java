/** Rolling restarts of the apiserver under load: our clients go on unseen, others are told to come back. */
@NullMarked
package io.agenttier.e2e.drain;

import org.jspecify.annotations.NullMarked;
