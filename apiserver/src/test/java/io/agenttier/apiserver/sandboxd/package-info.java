@NullMarked
package io.agenttier.apiserver.sandboxd;

import org.jspecify.annotations.NullMarked;
