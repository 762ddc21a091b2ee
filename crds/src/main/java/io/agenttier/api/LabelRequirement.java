package io.agenttier.api;

import java.util.List;

/**
 * One condition on a label.
 *
 * @param key Label key.
 * @param operator How the label is compared with values.
 * @param values Values for In and NotIn; empty for Exists and DoesNotExist.
 */
public record LabelRequirement(String key, String operator, List<String> values) {
    public LabelRequirement {
        key = Wire.text(key);
        operator = Wire.text(operator);
        values = Wire.list(values);
    }
}
