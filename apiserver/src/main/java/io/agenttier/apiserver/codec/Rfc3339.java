package io.agenttier.apiserver.codec;

import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;

/** Times as Kubernetes writes them. */
final class Rfc3339 extends FromStringDeserializer<OffsetDateTime> {
    private static final long serialVersionUID = 1L;

    Rfc3339() {
        super(OffsetDateTime.class);
    }

    @Override
    protected OffsetDateTime _deserialize(String text, DeserializationContext context) throws IOException {
        try {
            return OffsetDateTime.parse(text);
        } catch (DateTimeException e) {
            throw context.weirdStringException(text, OffsetDateTime.class, "no time of RFC 3339");
        }
    }
}
