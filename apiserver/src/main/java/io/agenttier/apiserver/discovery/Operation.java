package io.agenttier.apiserver.discovery;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * One method of one subresource as OpenAPI describes it.
 *
 * @param below parameters of the path below the subresource, one list a path that is served
 * @param request media types of the body, each with a kind or {@link #BYTES}; empty for a call without a body
 * @param answers by status
 */
record Operation(
        String subresource,
        String method,
        String description,
        List<List<String>> below,
        List<Parameter> parameters,
        Map<String, String> request,
        Map<Integer, Reply> answers) {
    /** Stands for a body of any bytes. */
    static final String BYTES = "";

    Operation {
        parameters = withPretty(parameters, answers.values());
        request = Map.copyOf(request);
        answers = Map.copyOf(answers);
        below = below.stream().map(List::copyOf).toList();
    }

    /** One whose path ends with the subresource. */
    Operation(
            String subresource,
            String method,
            String description,
            List<Parameter> parameters,
            Map<String, String> request,
            Map<Integer, Reply> answers) {
        this(subresource, method, description, List.of(List.of()), parameters, request, answers);
    }

    /** Every document can be had in lines. */
    private static List<Parameter> withPretty(List<Parameter> own, Collection<Reply> answers) {
        boolean isDocument = answers.stream().anyMatch(reply -> reply.content().containsKey("application/json"));
        var all = new ArrayList<>(own);
        if (isDocument) {
            all.add(Parameter.flag("pretty", "Whether a JSON document is broken into lines."));
        }
        return List.copyOf(all);
    }

    /** A query parameter; {@code schema} without its description. */
    record Parameter(String name, String description, boolean required, Map<String, Object> schema) {
        static Parameter text(String name, String description) {
            return new Parameter(name, description, false, Map.of("type", "string"));
        }

        /** May be given several times. */
        static Parameter texts(String name, String description) {
            return new Parameter(name, description, false, Map.of("type", "array", "items", Map.of("type", "string")));
        }

        static Parameter number(String name, String description) {
            return new Parameter(name, description, false, Map.of("type", "integer", "format", "int64"));
        }

        static Parameter flag(String name, String description) {
            return new Parameter(name, description, false, Map.of("type", "boolean"));
        }

        static Parameter choice(String name, String description, String... values) {
            return new Parameter(name, description, false, Map.of("type", "string", "enum", List.of(values)));
        }

        Parameter mandatory() {
            return new Parameter(name, description, true, schema);
        }
    }

    /** An answer: {@code content} as {@code request} above. */
    record Reply(String description, Map<String, String> content) {
        Reply {
            content = Map.copyOf(content);
        }
    }
}
