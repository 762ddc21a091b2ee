package io.agenttier.e2e.cluster;

import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test class the cluster and a fresh namespace: {@code @ExtendWith(ClusterExtension.class)} and parameters of type {@link Cluster} or
 * {@link TestNamespace}. The namespace is deleted after the class, without waiting.
 */
public final class ClusterExtension implements BeforeAllCallback, AfterAllCallback, ParameterResolver {
    private static final ExtensionContext.Namespace STORE = ExtensionContext.Namespace.create(ClusterExtension.class);
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final String RUN = Long.toString(ProcessHandle.current().pid(), 36);

    @Override
    public void beforeAll(ExtensionContext context) {
        var cluster = Clusters.shared();
        var name = "e2e-"
                + context.getRequiredTestClass()
                        .getSimpleName()
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("e2e|bench", "") + "-" + RUN
                + COUNT.incrementAndGet();
        cluster.kubectl().run("create", "namespace", name).orThrow();
        store(context).put(TestNamespace.class, new TestNamespace(cluster, name));
    }

    @Override
    public void afterAll(ExtensionContext context) {
        var namespace = store(context).get(TestNamespace.class, TestNamespace.class);
        if (namespace != null) {
            namespace
                    .cluster()
                    .kubectl()
                    .run("delete", "namespace", namespace.name(), "--wait=false", "--ignore-not-found");
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        var type = parameter.getParameter().getType();
        return type == Cluster.class || type == TestNamespace.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        var namespace = Objects.requireNonNull(store(context).get(TestNamespace.class, TestNamespace.class));
        if (parameter.getParameter().getType() == Cluster.class) return namespace.cluster();
        return namespace;
    }

    private static ExtensionContext.Store store(ExtensionContext context) {
        return context.getStore(STORE);
    }
}
