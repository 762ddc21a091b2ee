/** Commands whose output is compared byte by byte, run by every kind of client while everything around them breaks. */
@NullMarked
package io.agenttier.e2e.integrity;

import org.jspecify.annotations.NullMarked;
