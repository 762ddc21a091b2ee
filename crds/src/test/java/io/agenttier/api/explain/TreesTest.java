package io.agenttier.api.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.EnvVar;
import io.agenttier.api.RandomRecords;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxSpec;
import io.agenttier.api.TemplateSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class TreesTest {
    @RepeatedTest(20)
    void aRecordIsWhatItsTreeSays(RepetitionInfo repetition) {
        var random = new Random(repetition.getCurrentRepetition());
        for (var records : List.of(new RandomRecords(random, false), new RandomRecords(random, true))) {
            var sandbox = records.next(Sandbox.class);
            assertThat(Trees.record(Sandbox.class, Trees.of(sandbox))).isEqualTo(sandbox);
            var template = records.next(TemplateSpec.class);
            assertThat(Trees.record(TemplateSpec.class, Trees.of(template))).isEqualTo(template);
        }
    }

    @Test
    void numbersAreTextsWhereTheSchemaAllowsBothAndOtherWrongTypesAreAbsent() {
        var spec = Trees.record(
                SandboxSpec.class,
                Map.of(
                        "resources",
                        Map.of("limits", Map.of("cpu", 2L)),
                        "env",
                        Arrays.asList(Map.of("name", "A", "new", 1L), null),
                        "autoResume",
                        "yes",
                        "image",
                        List.of(),
                        "shutdownTime",
                        "tomorrow",
                        "unheardOf",
                        true));
        assertThat(spec.resources()).extracting("limits").isEqualTo(Map.of("cpu", "2"));
        assertThat(spec.env()).containsExactly(new EnvVar("A", null, null));
        assertThat(spec.autoResume()).isNull();
        assertThat(spec.image()).isNull();
        assertThat(spec.shutdownTime()).isNull();
    }
}
