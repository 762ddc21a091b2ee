package io.agenttier.api.explain;

import java.util.Map;

/** One layer of the merge, as a tree. */
record Layer(String origin, Map<String, Object> tree) {}
