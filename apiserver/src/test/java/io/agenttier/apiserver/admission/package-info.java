@NullMarked
package io.agenttier.apiserver.admission;

import org.jspecify.annotations.NullMarked;
