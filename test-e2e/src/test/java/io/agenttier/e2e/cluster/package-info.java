/** Which cluster a test runs on, how it is brought up, and a fresh namespace in it. */
@NullMarked
package io.agenttier.e2e.cluster;

import org.jspecify.annotations.NullMarked;
