package io.agenttier.api.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.EnvVar;
import io.agenttier.api.RandomRecords;
import io.agenttier.api.SystemPrompt;
import io.agenttier.api.TemplateSpec;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** Laws of the merge, over random layers. The number of the repetition is the seed. */
class MergePropertyTest {
    private static final int ROUNDS = 20;

    private RandomRecords layers = new RandomRecords(new Random(0), false);

    @BeforeEach
    void seed(RepetitionInfo repetition) {
        layers = new RandomRecords(new Random(repetition.getCurrentRepetition()), false);
    }

    @RepeatedTest(ROUNDS)
    void anEmptyLayerChangesNothing() {
        var layer = layers.next(TemplateSpec.class);
        assertThat(Merge.overlay(TemplateSpec.EMPTY, layer)).isEqualTo(layer);
        assertThat(Merge.overlay(layer, TemplateSpec.EMPTY)).isEqualTo(layer);
        assertThat(Merge.overlay(layer, layer)).isEqualTo(layer);
    }

    @RepeatedTest(ROUNDS)
    void itDoesNotMatterWhichPairOfAChainIsMergedFirst() {
        var near = layers.next(TemplateSpec.class);
        var middle = layers.next(TemplateSpec.class);
        var far = layers.next(TemplateSpec.class);
        assertThat(Merge.overlay(Merge.overlay(near, middle), far))
                .isEqualTo(Merge.overlay(near, Merge.overlay(middle, far)));
    }

    @RepeatedTest(ROUNDS)
    void everyLeafIsThatOfTheNearestLayerThatHasIt() {
        var near = layers.next(TemplateSpec.class);
        var far = layers.next(TemplateSpec.class);
        assertLeaves("spec", near, far, Merge.overlay(near, far));
    }

    @RepeatedTest(ROUNDS)
    void listsWithAKeyKeepTheOrderOfTheFartherLayer() {
        var near = layers.next(TemplateSpec.class);
        var far = layers.next(TemplateSpec.class);
        var order = new LinkedHashSet<>(names(far.env()));
        order.addAll(names(near.env()));
        var merged = Merge.overlay(near, far).env();
        assertThat(names(merged)).containsExactlyElementsOf(order);
        assertThat(merged).containsAll(near.env());
    }

    private static List<String> names(List<EnvVar> env) {
        return env.stream().map(EnvVar::name).toList();
    }

    /** Compares scalars and maps; lists have rules of their own, and an object is gone into where both layers have it. */
    private static void assertLeaves(
            String path, @Nullable Object near, @Nullable Object far, @Nullable Object merged) {
        if (path.equals("spec.inheritsFrom") || path.equals("spec.network.peerSandboxSelector")) return;
        if (near instanceof SystemPrompt) return;
        if (near == null || far == null) {
            assertThat(merged).as(path).isEqualTo(near == null ? far : near);
        } else if (near instanceof Record) {
            components(
                    near,
                    (name, accessor) ->
                            assertLeaves(path + "." + name, accessor.of(near), accessor.of(far), accessor.of(merged)));
        } else if (near instanceof Map<?, ?> nearer && far instanceof Map<?, ?> farther) {
            var expected = new HashMap<Object, Object>(farther);
            expected.putAll(nearer);
            assertThat(merged).as(path).isEqualTo(expected);
        } else if (!(near instanceof List<?>)) {
            assertThat(merged).as(path).isEqualTo(near);
        }
    }

    private static void components(Object record, BiConsumer<String, Accessor> visit) {
        for (var component : record.getClass().getRecordComponents()) {
            visit.accept(component.getName(), object -> {
                try {
                    return component.getAccessor().invoke(object);
                } catch (ReflectiveOperationException e) {
                    throw new LinkageError("cannot read " + component, e);
                }
            });
        }
    }

    private interface Accessor {
        @Nullable
        Object of(@Nullable Object record);
    }
}
