package io.agenttier.controller.sandboxd;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A JSON object that a pod sent, read field by field: types and lengths are checked, what is not asked for is passed over. */
record Fields(JsonObject values) {
    static Fields parse(String json) throws MisbehavedException {
        try {
            return new Fields(JsonParser.parseString(json).getAsJsonObject());
        } catch (JsonParseException | IllegalStateException | StackOverflowError e) {
            throw new MisbehavedException("the answer is no JSON object");
        }
    }

    /** Text of at most {@code max} characters as sent; empty if absent. */
    String text(String key, int max) throws MisbehavedException {
        var value = values.get(key);
        if (value == null || value.isJsonNull()) {
            return "";
        }
        if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()) {
            var text = value.getAsString();
            if (text.length() <= max) {
                return text;
            }
        }
        throw wrong(key);
    }

    boolean flag(String key) {
        var value = values.get(key);
        return value != null
                && value.isJsonPrimitive()
                && value.getAsJsonPrimitive().isBoolean()
                && value.getAsBoolean();
    }

    long whole(String key) throws MisbehavedException {
        return within(key, Integer.MIN_VALUE, Long.MAX_VALUE);
    }

    /** A number of things; 0 if absent. */
    int count(String key) throws MisbehavedException {
        return values.has(key) ? (int) within(key, 0, Integer.MAX_VALUE) : 0;
    }

    long within(String key, long min, long max) throws MisbehavedException {
        var value = values.get(key);
        if (value != null
                && value.isJsonPrimitive()
                && value.getAsJsonPrimitive().isNumber()
                && value.getAsString().length() <= 20) {
            try {
                var number = new BigDecimal(value.getAsString()).longValueExact();
                if (number >= min && number <= max) {
                    return number;
                }
            } catch (ArithmeticException | NumberFormatException e) {
                throw wrong(key);
            }
        }
        throw wrong(key);
    }

    Optional<Fields> object(String key) throws MisbehavedException {
        var value = values.get(key);
        if (value == null || value.isJsonNull()) {
            return Optional.empty();
        }
        return Optional.of(object(key, value));
    }

    /** Objects of a list; none if absent. */
    List<Fields> objects(String key, int max) throws MisbehavedException {
        var value = values.get(key);
        if (value == null || value.isJsonNull()) {
            return List.of();
        }
        if (!value.isJsonArray() || value.getAsJsonArray().size() > max) {
            throw wrong(key);
        }
        var objects = new ArrayList<Fields>();
        for (var item : value.getAsJsonArray()) {
            objects.add(object(key, item));
        }
        return objects;
    }

    /** The last {@code max} characters, with spaces for control characters. */
    static String printableEnd(String text, int max) {
        var from = Math.max(0, text.length() - max);
        var end = new StringBuilder(max);
        text.substring(from)
                .codePoints()
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE ? ' ' : c)
                .forEach(end::appendCodePoint);
        return end.toString();
    }

    private static Fields object(String key, JsonElement value) throws MisbehavedException {
        if (!value.isJsonObject()) {
            throw wrong(key);
        }
        return new Fields(value.getAsJsonObject());
    }

    private static MisbehavedException wrong(String key) {
        return new MisbehavedException("field \"%s\" of the answer is missing or has a wrong value".formatted(key));
    }
}
