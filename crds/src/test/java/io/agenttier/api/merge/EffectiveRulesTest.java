package io.agenttier.api.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.FieldError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
                 'credentials': [{'secretName': 's', 'mountAs': 'file', 'mountPath': '/data'}, {'secretName': 't', 'mountAs': 'file', 'mountPath': '/datastore'}]}""", null);
        assertThat(EffectiveRules.check(effective))
                .extracting(FieldError::path)
                .containsExactly("spec.credentials[s].mountPath", "spec.files[/database/a].path");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/.agenttier/bin",
                "/.agenttier",
                "/x/../.agenttier/bin",
                "/data/deep",
                "/tmp/creds",
                "/proc/self",
                "/dev",
                "/creds",
                "/creds/nested"
            })
    void credentialsLieOverNothingThatIsNotTheUsers(String path) {
        var effective = MergeTest.effective("""
                {'image': {'repository': 'x'}, 'storage': {'mountPath': '/data'},
                 'credentials': [{'secretName': 'fine', 'mountAs': 'file', 'mountPath': '/creds'}, {'secretName': 's', 'mountAs': 'file', 'mountPath': '%s'}]}""".formatted(path), null);
        assertThat(EffectiveRules.check(effective))
                .extracting(FieldError::path)
                .containsExactly("spec.credentials[s].mountPath");
    }

    @Test
    void containersHaveNoNamesOfOursAndInitContainersNoProbes() {
        var effective = MergeTest.effective("""
                {'image': {'repository': 'x'}, 'sidecars': [{'name': 'agenttier-install', 'image': 'y'}],
                 'initContainers': [{'name': 'db', 'image': 'z', 'startupProbe': {'exec': {'command': ['true']}}}]}""", null);
        assertThat(EffectiveRules.check(effective))
                .extracting(FieldError::path)
                .containsExactly("spec.sidecars[agenttier-install].name", "spec.initContainers[db]");
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
