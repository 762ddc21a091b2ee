/**
 * From a path to a typed call: {@link io.agenttier.apiserver.route.Call} is one authenticated and authorized request for a subresource,
 * {@link io.agenttier.apiserver.route.Exchange} its body and its answer. Use cases ({@code resource}) see nothing of Netty.
 */
@NullMarked
package io.agenttier.apiserver.route;

import org.jspecify.annotations.NullMarked;
