@NullMarked
package io.agenttier.apiserver.kube;

import org.jspecify.annotations.NullMarked;
