/**
 * What a sandbox effectively asks for: its own spec over its templates over the defaults of the cluster, leaf by leaf. Pure functions over wire
 * records, used wherever a spec is judged or acted upon, so that admission and a cold start cannot differ.
 */
@org.jspecify.annotations.NullMarked
package io.agenttier.api.merge;
