/**
 * What clients learn about this server: discovery in both forms, OpenAPI v3 and v2, version, health, metrics. All documents are made once at
 * start from the list of subresources and served as ready bytes.
 */
@NullMarked
package io.agenttier.apiserver.discovery;

import org.jspecify.annotations.NullMarked;
