package io.agenttier.api.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.FieldError;
import org.junit.jupiter.api.Test;

class EffectiveRulesTest {
    @Test
    void layersThatAreFineAloneMayConflictTogether() {
        var effective = MergeTest.effective(
                "{'image': {'repository': 'x'}, 'storage': {'ephemeral': true}}",
                "{'storage': {'shared': true, 'snapshotOnStop': true}}");
        assertThat(EffectiveRules.check(effective))
                .extracting(FieldError::path)
                .containsExactly("spec.storage.shared", "spec.storage.snapshotOnStop");
    }

    @Test
    void anImageMustComeFromSomeLayer() {
        assertThat(EffectiveRules.check(MergeTest.effective("{}", "{'image': {'pullPolicy': 'Never'}}")))
                .singleElement()
                .extracting(FieldError::sentence)
                .isEqualTo(
                        "spec.image.repository is not set: neither the sandbox nor its template names an image; set it in one of them");
        assertThat(EffectiveRules.check(MergeTest.effective("{}", "{'image': {'repository': 'x'}}")))
                .isEmpty();
    }

    @Test
    void seedFilesLieBelowTheWorkspaceAndCredentialsOutsideOfIt() {
        var effective = MergeTest.effective("""
                {'image': {'repository': 'x'}, 'storage': {'mountPath': '/data'},
                 'files': [{'path': '/database/a', 'content': ''}, {'path': '/data/b', 'content': ''}, {'path': 'c', 'content': ''}],
                 'credentials': [{'secretName': 's', 'mountPath': '/data'}, {'secretName': 't', 'mountPath': '/datastore'}]}""", null);
        assertThat(EffectiveRules.check(effective))
                .extracting(FieldError::path)
                .containsExactly("spec.credentials[s].mountPath", "spec.files[/database/a].path");
    }

    @Test
    void containersOfOnePodHaveDifferentNames() {
        var effective = MergeTest.effective(
                "{'image': {'repository': 'x'}, 'sidecars': [{'name': 'db', 'image': 'y'}]}",
                "{'initContainers': [{'name': 'db', 'image': 'z'}]}");
        assertThat(EffectiveRules.check(effective))
                .extracting(FieldError::path)
                .containsExactly("spec.sidecars[db].name");
    }
}
