/** Controllers that this test starts as processes of its own, with the production's wiring, and stops where it wants. */
@NullMarked
package io.agenttier.e2e.crash;

import org.jspecify.annotations.NullMarked;
