package io.agenttier.apiserver.codec;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.io.IOException;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

/** What is wrong with a document, in a sentence for its author. Names fields and places, never values. */
final class Complaint {
    private Complaint() {}

    static String of(IOException e) {
        return switch (e) {
            case UnrecognizedPropertyException u ->
                "unknown field \"%s\"%s: expected one of %s".formatted(path(u), at(u), known(u));
            case MismatchedInputException m
            when !m.getPath().isEmpty() ->
                "field \"%s\"%s has the wrong type: expected %s".formatted(path(m), at(m), type(m));
            case MismatchedInputException m -> "expected " + type(m) + at(m);
            case JacksonException j -> "not well formed%s: %s".formatted(at(j), cause(j));
            default -> "cannot be read";
        };
    }

    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(step -> step.getFieldName() != null ? "." + step.getFieldName() : "[" + step.getIndex() + "]")
                .collect(Collectors.joining())
                .replaceFirst("^\\.", "");
    }

    private static String known(UnrecognizedPropertyException e) {
        return e.getKnownPropertyIds().stream().map(String::valueOf).sorted().collect(Collectors.joining(", "));
    }

    private static String type(MismatchedInputException e) {
        var type = e.getTargetType();
        if (type == null) {
            return "another type";
        }
        if (type == String.class) {
            return "a string";
        }
        if (Collection.class.isAssignableFrom(type) || type.isArray()) {
            return "a list";
        }
        if (type == Boolean.class || type == boolean.class) {
            return "true or false";
        }
        if (Number.class.isAssignableFrom(type) || type.isPrimitive()) {
            return "a number";
        }
        return "an object";
    }

    private static String at(JacksonException e) {
        var place = e.getLocation();
        return place == null || place.getLineNr() < 1
                ? ""
                : " at line %d, column %d".formatted(place.getLineNr(), place.getColumnNr());
    }

    /** Jackson quotes the offending token; what it says before that is enough. */
    private static String cause(JacksonException e) {
        var message = e.getOriginalMessage();
        if (message == null) {
            return "unexpected content";
        }
        var lower = message.toLowerCase(Locale.ROOT);
        if (lower.contains("duplicate")) {
            return "a field is given twice";
        }
        if (lower.contains("end-of-input") || lower.contains("unexpected end")) {
            return "it ends too early";
        }
        if (lower.contains("exceeds the maximum")) {
            return "a bound on nesting, names, numbers or strings is exceeded";
        }
        return "unexpected token";
    }
}
