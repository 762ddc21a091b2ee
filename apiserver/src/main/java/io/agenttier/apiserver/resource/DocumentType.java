package io.agenttier.apiserver.resource;

import io.agenttier.api.ApiGroup;
import io.agenttier.apiserver.error.ApiError.Cause;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a request body says of its own type. Pure. */
final class DocumentType {
    private static final String INVALID = "FieldValueInvalid";

    private DocumentType() {}

    /** What is wrong with it; a type that is left out is right. */
    static List<Cause> check(@Nullable String apiVersion, @Nullable String kind, String expectedKind) {
        var causes = new ArrayList<Cause>();
        expect("apiVersion", apiVersion, ApiGroup.SUBRESOURCES_API_VERSION, causes);
        expect("kind", kind, expectedKind, causes);
        return causes;
    }

    private static void expect(String field, @Nullable String given, String expected, List<Cause> causes) {
        if (given != null && !given.equals(expected)) {
            causes.add(new Cause(
                    INVALID,
                    field,
                    "\"%s\": expected \"%s\", or leave it out".formatted(Parameters.printable(given), expected)));
        }
    }
}
