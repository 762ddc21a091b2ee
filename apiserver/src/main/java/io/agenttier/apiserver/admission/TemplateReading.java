package io.agenttier.apiserver.admission;

import io.agenttier.api.TemplateRef;
import io.agenttier.api.merge.TemplateChain;
import io.agenttier.api.merge.TemplateName;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Follows a template to its parents by live reads. A chain that no sandbox starts from is judged as far as it goes: the controller says why. */
final class TemplateReading {
    private final Templates templates;

    TemplateReading(Templates templates) {
        this.templates = templates;
    }

    /**
     * The chain that begins with {@code first}.
     *
     * @param home namespace that a reference without one means
     * @throws ApiException 503 if a template cannot be read
     */
    TemplateChain from(@Nullable TemplateRef first, String home) {
        return TemplateChain.follow(first, home, this::read);
    }

    private Optional<TemplateChain.Link> read(TemplateName name) {
        try {
            return templates
                    .find(name.kind(), name.namespace(), name.name())
                    .map(spec -> new TemplateChain.Link(name, spec, null));
        } catch (IOException e) {
            throw new ApiException(
                    new ApiError.Unavailable("%s could not be read, so nothing was changed: %s; try again"
                            .formatted(name.text(), e.getMessage())));
        }
    }
}
