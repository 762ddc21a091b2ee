/** Who calls and whether he may: front-proxy certificate, client certificate, TokenReview, SubjectAccessReview. Fails closed. */
@NullMarked
package io.agenttier.apiserver.auth;

import org.jspecify.annotations.NullMarked;
