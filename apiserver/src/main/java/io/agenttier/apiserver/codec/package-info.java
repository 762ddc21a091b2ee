/**
 * JSON and YAML on the wire: strict reading of request bodies, tolerant reading of what other programs answer, writing of answers.
 * The only package that imports Jackson; bounds on depth, names, numbers and strings hold for all of it.
 */
@NullMarked
package io.agenttier.apiserver.codec;

import org.jspecify.annotations.NullMarked;
