/**
 * The network side: TLS, HTTP/1.1, limits, backpressure, graceful stop. Event loops parse, frame and hand over; every request then runs on
 * a virtual thread of its own and sees an {@link io.agenttier.apiserver.route.Exchange}. One of two packages that import Netty.
 */
@NullMarked
package io.agenttier.apiserver.http;

import org.jspecify.annotations.NullMarked;
