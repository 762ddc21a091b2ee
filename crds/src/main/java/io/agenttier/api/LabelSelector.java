package io.agenttier.api;

import java.util.List;
import java.util.Map;

/**
 * Selects objects by their labels; all conditions must hold. An empty selector selects everything.
 *
 * @param matchLabels Labels that must have exactly these values.
 * @param matchExpressions Further conditions.
 */
public record LabelSelector(Map<String, String> matchLabels, List<LabelRequirement> matchExpressions) {
    public LabelSelector {
        matchLabels = Wire.map(matchLabels);
        matchExpressions = Wire.list(matchExpressions);
    }
}
