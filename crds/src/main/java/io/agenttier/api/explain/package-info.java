/**
 * Where each value of an effective spec comes from. Pure functions over wire records, and over trees of maps, lists, texts, numbers and truth
 * values, as any JSON library reads and writes them.
 */
@org.jspecify.annotations.NullMarked
package io.agenttier.api.explain;
