package io.agenttier.controller.kube;

import io.agenttier.api.ApiGroup;
import io.kubernetes.client.common.KubernetesListObject;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.models.V1ListMeta;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Lists of our own kinds as the Java client wants them; one class a kind, since Gson binds by class. */
final class ObjectLists {
    private ObjectLists() {}

    /** What the lists have in common. */
    abstract static sealed class OfOwn implements KubernetesListObject {
        private @Nullable V1ListMeta metadata;

        @Override
        public V1ListMeta getMetadata() {
            return Objects.requireNonNullElseGet(metadata, V1ListMeta::new);
        }

        @Override
        public String getApiVersion() {
            return ApiGroup.API_VERSION;
        }

        @Override
        public String getKind() {
            return "List";
        }

        static <T extends KubernetesObject> List<T> present(@Nullable List<T> items) {
            return items == null ? List.of() : items;
        }
    }

    static final class Sandboxes extends OfOwn {
        private @Nullable List<SandboxObject> items;

        @Override
        public List<SandboxObject> getItems() {
            return present(items);
        }
    }

    static final class Templates extends OfOwn {
        private @Nullable List<TemplateObject.Namespaced> items;

        @Override
        public List<TemplateObject.Namespaced> getItems() {
            return present(items);
        }
    }

    static final class ClusterTemplates extends OfOwn {
        private @Nullable List<TemplateObject.Cluster> items;

        @Override
        public List<TemplateObject.Cluster> getItems() {
            return present(items);
        }
    }
}
