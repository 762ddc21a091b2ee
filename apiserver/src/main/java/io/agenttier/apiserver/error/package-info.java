/**
 * What can go wrong at the HTTP edge, as one sealed type, and its form on the wire: one {@code metav1.Status} for every error
 * ({@code spec} behaviour §1). Domain code throws {@link io.agenttier.apiserver.error.ApiException}; nothing else decides a status code.
 */
@NullMarked
package io.agenttier.apiserver.error;

import org.jspecify.annotations.NullMarked;
