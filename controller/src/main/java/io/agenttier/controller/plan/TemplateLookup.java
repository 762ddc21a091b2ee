package io.agenttier.controller.plan;

import io.agenttier.api.TemplateOrigin;
import io.agenttier.api.TemplateSpec;

/** What became of {@code spec.templateRef}. */
public sealed interface TemplateLookup {
    /** The sandbox names no template. */
    record None() implements TemplateLookup {}

    record Found(TemplateOrigin origin, TemplateSpec spec) implements TemplateLookup {}

    /** The sandbox names a template that does not exist. */
    record Missing(TemplateOrigin origin) implements TemplateLookup {}
}
