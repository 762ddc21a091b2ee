package io.agenttier.apiserver.codec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.MapperBuilder;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.yaml.snakeyaml.LoaderOptions;

/** How Jackson is set up: the bounds, what counts as an error, what is written. */
final class Mappers {
    /** Request bodies nest five levels; 100 leaves room and keeps any stack shallow. */
    private static final int DEPTH = 100;
    /** Names in managedFields hold keys of list items, up to 1,024 characters each and escaped. */
    private static final int NAME_CHARS = 16 * 1024;
    /** A string may be a whole body: its bound is that of the body, 16 MiB as base64 and above. */
    private static final int STRING_CHARS = 32 * 1024 * 1024;

    private static final StreamReadConstraints CONSTRAINTS = StreamReadConstraints.builder()
            .maxNestingDepth(DEPTH)
            .maxNumberLength(64)
            .maxNameLength(NAME_CHARS)
            .maxStringLength(STRING_CHARS)
            .build();

    private Mappers() {}

    static JsonFactory streaming(int maxStringChars) {
        return JsonFactory.builder()
                .streamReadConstraints(
                        CONSTRAINTS.rebuild().maxStringLength(maxStringChars).build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .build();
    }

    static MapperBuilder<?, ?> json() {
        return JsonMapper.builder(
                JsonFactory.builder().streamReadConstraints(CONSTRAINTS).build());
    }

    static MapperBuilder<?, ?> yaml() {
        var loader = new LoaderOptions();
        loader.setCodePointLimit(STRING_CHARS);
        loader.setNestingDepthLimit(DEPTH);
        loader.setMaxAliasesForCollections(0);
        loader.setAllowDuplicateKeys(false);
        var factory = YAMLFactory.builder()
                .streamReadConstraints(CONSTRAINTS)
                .loaderOptions(loader)
                .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                .build();
        return YAMLMapper.builder(factory);
    }

    static ObjectMapper strict(MapperBuilder<?, ?> builder) {
        builder.enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .withCoercionConfig(
                        LogicalType.Textual,
                        config -> config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail));
        return common(builder);
    }

    static ObjectMapper tolerant(MapperBuilder<?, ?> builder) {
        builder.disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        return common(builder);
    }

    private static ObjectMapper common(MapperBuilder<?, ?> builder) {
        return builder.enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                .defaultPropertyInclusion(
                        JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
                .addModule(new SimpleModule()
                        .addSerializer(Instant.class, ToStringSerializer.instance)
                        .addDeserializer(OffsetDateTime.class, new Rfc3339()))
                .build();
    }
}
