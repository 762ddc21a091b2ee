@NullMarked
package io.agenttier.apiserver.resource;

import org.jspecify.annotations.NullMarked;
