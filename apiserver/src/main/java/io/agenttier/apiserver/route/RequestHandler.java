package io.agenttier.apiserver.route;

/** Serves one request on its own virtual thread. What it throws is a bug: the connection is cut or the answer is a bare 500. */
@FunctionalInterface
public interface RequestHandler {
    void handle(Incoming incoming, Exchange exchange);
}
