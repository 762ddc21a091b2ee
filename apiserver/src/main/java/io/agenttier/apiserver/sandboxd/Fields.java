package io.agenttier.apiserver.sandboxd;

import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.codec.MalformedException;
import io.agenttier.apiserver.codec.Text;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A JSON object that a pod sent, read field by field: types and lengths are checked, what is not asked for is passed over. */
record Fields(Map<?, ?> values) {
    private static final int NAME = 256;
    /** 5,000 files or 1,500 processes need less than half; without a bound a small document could fill the memory with empty objects. */
    private static final int PARTS = 100_000;

    static Fields parse(byte[] json) throws MisbehavedException {
        int parts = 0;
        for (byte b : json) {
            if (b == ',' || b == '{' || b == '[') {
                parts++;
            }
        }
        if (parts > PARTS) {
            throw new MisbehavedException("a document of the answer has more than %d parts".formatted(PARTS));
        }
        try {
            return new Fields(Json.object(json));
        } catch (MalformedException e) {
            throw new MisbehavedException("a document of the answer is no JSON object");
        }
    }

    /** A text of at most 256 characters. */
    String name(String key) throws MisbehavedException {
        if (values.get(key) instanceof String text && text.length() <= NAME) {
            return text;
        }
        throw wrong(key);
    }

    /** Free text, shortened to {@code max} characters and freed of control characters; empty if absent. */
    String text(String key, int max) throws MisbehavedException {
        return switch (values.get(key)) {
            case null -> "";
            case String text -> Text.printable(text, max);
            default -> throw wrong(key);
        };
    }

    /** Text exactly as sent, control characters included; empty if absent. */
    String exact(String key, int max) throws MisbehavedException {
        return switch (values.get(key)) {
            case null -> "";
            case String text when text.length() <= max -> text;
            default -> throw wrong(key);
        };
    }

    /** A whole number from 0 on; 0 if absent. */
    long count(String key) throws MisbehavedException {
        if (values.get(key) == null) {
            return 0;
        }
        long number = whole(key);
        if (number < 0) {
            throw wrong(key);
        }
        return number;
    }

    int within(String key, int min, int max) throws MisbehavedException {
        long number = whole(key);
        if (number < min || number > max) {
            throw wrong(key);
        }
        return (int) number;
    }

    boolean flag(String key) {
        return Boolean.TRUE.equals(values.get(key));
    }

    Instant time(String key) throws MisbehavedException {
        try {
            return Instant.parse(name(key));
        } catch (DateTimeException e) {
            throw wrong(key);
        }
    }

    Optional<Fields> object(String key) throws MisbehavedException {
        return switch (values.get(key)) {
            case null -> Optional.empty();
            case Map<?, ?> map -> Optional.of(new Fields(map));
            default -> throw wrong(key);
        };
    }

    List<?> list(String key) throws MisbehavedException {
        return switch (values.get(key)) {
            case null -> List.of();
            case List<?> list -> list;
            default -> throw wrong(key);
        };
    }

    private long whole(String key) throws MisbehavedException {
        @Nullable Object value = values.get(key);
        return switch (value) {
            case Integer i -> i;
            case Long l -> l;
            case null, default -> throw wrong(key);
        };
    }

    private static MisbehavedException wrong(String key) {
        return new MisbehavedException("field \"%s\" of the answer is missing or has a wrong value".formatted(key));
    }
}
