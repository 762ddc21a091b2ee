package io.agenttier.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SupportedFieldsTest {
    /** Top-level fields of which nothing is ever unsupported. */
    private static final List<String> BUILT = List.of(
            "templateRef",
            "image",
            "mode",
            "resources",
            "env",
            "timeout",
            "idleTimeout",
            "runtimeClass",
            "network",
            "security",
            "credentials",
            "harness",
            "sidecars",
            "initContainers",
            "files",
            "ports",
            "serviceAccount",
            "autoResume",
            "createdBy",
            "powerState",
            "startRequestedAt",
            "shutdownTime",
            "shutdownPolicy",
            "ttlSecondsAfterStopped");

    private final RandomRecords full = new RandomRecords(new Random(3), true);

    @Test
    void aFieldIsEitherBuiltOrTold() throws ReflectiveOperationException {
        var components = SandboxSpec.class.getRecordComponents();
        for (var i = 0; i < components.length; i++) {
            var name = components[i].getName();
            var told = SupportedFields.unsupported(only(components, i));
            var expectation = assertThat(told).as(name);
            if (BUILT.contains(name)) expectation.isEmpty();
            else expectation.isNotEmpty().allMatch(path -> path.startsWith("spec." + name));
        }
    }

    @Test
    void valuesThatAskForNothingAreNotSet() {
        var spec = decode("""
                {"mode": "code", "security": {"privileged": false},
                 "sharing": {}, "harness": {"hooks": {"onStart": ""}, "constraints": {}, "agent": {}, "useHTTPExec": true},
                 "storage": {"snapshotOnStop": false, "shared": true}, "network": {"egressRules": [{"cidr": "10.0.0.0/8"}]},
                 "files": [{"path": "a", "secretRef": {"name": "s", "key": "k"}}],
                 "credentials": [{"secretName": "s", "mountAs": "env"}, {"secretName": "t", "mountAs": "file", "mountPath": "/t"}]}""");
        assertThat(SupportedFields.unsupported(spec)).isEmpty();
    }

    @Test
    void pathsNameTheVeryField() {
        var spec = decode("""
                {"mode": "agent", "network": {"egressRules": [{"cidr": "10.0.0.0/8"}, {"serviceRef": {"name": "db"}}]},
                 "harness": {"hooks": {"onStop": "sync"}, "agent": {"entrypoint": ["a"]}}, "credentials": [{"secretName": "s", "mountAs": "session"}],
                 "storage": {"snapshotOnStop": true}, "sharing": {"users": [{"name": "u"}]}}""");
        assertThat(SupportedFields.unsupported(spec))
                .containsExactly("spec.storage.snapshotOnStop", "spec.credentials[s].mountAs", "spec.sharing.users");
    }

    private static SandboxSpec decode(String json) {
        return Json.decode(SandboxSpec.class, json);
    }

    private SandboxSpec only(RecordComponent[] components, int chosen) throws ReflectiveOperationException {
        var values = new ArrayList<Object>();
        for (var component : components) values.add(component.getAccessor().invoke(SandboxSpec.EMPTY));
        values.set(chosen, full.value(components[chosen].getGenericType()));
        var types = Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        return SandboxSpec.class.getDeclaredConstructor(types).newInstance(values.toArray());
    }
}
