package io.agenttier.api;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import java.io.IOException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** How both JSON libraries read and write the records. */
class WireTest {
    private static final ObjectMapper JACKSON = new ObjectMapper()
            .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false)
            .setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL)
            .registerModule(new SimpleModule()
                    .addSerializer(OffsetDateTime.class, new DateSerializer())
                    .addDeserializer(OffsetDateTime.class, new DateDeserializer()));

    private static final String ODD = """
            {"kind": "Sandbox", "future": {"x": 1}, "metadata": {"name": "web", "finalizers": null},
             "spec": {"env": [null, {"name": "A", "value": ""}], "resources": {"limits": {"cpu": 2, "memory": null}},
                      "storage": {"size": 1024}, "ports": null, "powerState": "Hibernating", "files": [{}]}}""";

    @Test
    void gsonNormalisesWhatIsAbsentNullOrUnknown() {
        assertNormalised(Json.GSON.fromJson(ODD, Sandbox.class));
    }

    @Test
    void jacksonNormalisesWhatIsAbsentNullOrUnknown() throws IOException {
        assertNormalised(JACKSON.readValue(ODD, Sandbox.class));
    }

    private static void assertNormalised(Sandbox sandbox) {
        assertThat(sandbox.apiVersion()).isEqualTo("agenttier.io/v1alpha1");
        assertThat(sandbox.metadata().finalizers()).isEmpty();
        assertThat(sandbox.spec().env()).containsExactly(new EnvVar("A", "", null));
        assertThat(sandbox.spec().ports()).isEmpty();
        assertThat(sandbox.spec().files()).containsExactly(new SeedFile("", null, null, null, null));
        var resources = requireNonNull(sandbox.spec().resources());
        assertThat(resources.limits()).containsOnlyKeys("cpu").containsEntry("cpu", "2");
        assertThat(resources.requests()).isEmpty();
        assertThat(sandbox.spec().storage()).extracting(Storage::size).isEqualTo("1024");
        assertThat(sandbox.spec().wantedPower()).isEqualTo(PowerState.STOPPED);
        assertThat(sandbox.statusOrEmpty()).isEqualTo(SandboxStatus.EMPTY);
    }

    @Test
    void anEmptyObjectIsASandboxThatWantsToRun() {
        var sandbox = Json.GSON.fromJson("{}", Sandbox.class);
        assertThat(sandbox.spec()).isEqualTo(SandboxSpec.EMPTY);
        assertThat(sandbox.spec().wantedPower()).isEqualTo(PowerState.RUNNING);
        assertThat(sandbox.metadata().beingDeleted()).isFalse();
    }

    @Test
    void bothLibrariesReadWhatTheOtherWrote() throws IOException {
        var records = new RandomRecords(new Random(7), false);
        for (var type : List.of(Sandbox.class, SandboxTemplate.class, ClusterSandboxTemplate.class)) {
            for (var i = 0; i < 50; i++) {
                var object = records.next(type);
                assertThat((Object) JACKSON.readValue(Json.GSON.toJson(object), type))
                        .isEqualTo(object);
                assertThat((Object) Json.GSON.fromJson(JACKSON.writeValueAsString(object), type))
                        .isEqualTo(object);
                assertThat(JACKSON.readTree(JACKSON.writeValueAsString(object)))
                        .isEqualTo(JACKSON.readTree(Json.GSON.toJson(object)));
            }
        }
    }

    private static final class DateSerializer extends StdScalarSerializer<OffsetDateTime> {
        DateSerializer() {
            super(OffsetDateTime.class);
        }

        @Override
        public void serialize(OffsetDateTime value, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeString(value.toString());
        }
    }

    private static final class DateDeserializer extends StdScalarDeserializer<OffsetDateTime> {
        DateDeserializer() {
            super(OffsetDateTime.class);
        }

        @Override
        public OffsetDateTime deserialize(JsonParser in, DeserializationContext context) throws IOException {
            return OffsetDateTime.parse(in.getText());
        }
    }
}
