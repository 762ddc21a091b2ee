package io.agenttier.apiserver.admission;

import io.agenttier.api.ObjectMeta;
import io.agenttier.apiserver.auth.User;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The question of kube-apiserver, {@code admission.k8s.io/v1}, as far as it is used.
 *
 * @param <S> spec of the object
 */
record AdmissionReview<S>(
        @Nullable String apiVersion,
        @Nullable String kind,
        @Nullable Request<S> request) {
    static final String API_VERSION = "admission.k8s.io/v1";
    static final String KIND = "AdmissionReview";

    /**
     * @param operation {@code CREATE}, {@code UPDATE} or {@code DELETE}
     * @param name empty where kube-apiserver has yet to make it up
     * @param object absent on DELETE
     * @param oldObject absent on CREATE
     */
    record Request<S>(
            String uid,
            String operation,
            @Nullable String namespace,
            @Nullable String name,
            @Nullable Resource resource,
            UserInfo userInfo,
            @Nullable Reviewed<S> object,
            @Nullable Reviewed<S> oldObject) {
        /** Whether everything is there that a request of kube-apiserver has. */
        @SuppressWarnings("NullAway") // what the wire left out is null in spite of its type
        boolean isWhole() {
            return uid != null
                    && operation != null
                    && userInfo != null
                    && !userInfo.user().name().isEmpty()
                    && (operation.equals("DELETE") || object != null)
                    && (!operation.equals("UPDATE") || oldObject != null);
        }

        String namespaceOrEmpty() {
            return namespace == null ? "" : namespace;
        }

        /** Name for messages and checks. */
        String nameOrEmpty() {
            if (name != null && !name.isEmpty()) {
                return name;
            }
            return object == null ? "" : object.metadataOrEmpty().name();
        }
    }

    /** What is named by the rule that called us. */
    record Resource(
            @Nullable String group,
            @Nullable String version,
            @Nullable String resource) {}

    /** The object of a review. */
    record Reviewed<S>(
            @Nullable ObjectMeta metadata, @Nullable S spec) {
        ObjectMeta metadataOrEmpty() {
            return metadata == null ? ObjectMeta.EMPTY : metadata;
        }
    }

    /** Who asked, as kube-apiserver authenticated him. */
    record UserInfo(
            @Nullable String username,
            @Nullable String uid,
            @Nullable List<String> groups,
            @Nullable Map<String, List<String>> extra) {
        User user() {
            return new User(
                    username == null ? "" : username,
                    uid == null ? "" : uid,
                    groups == null ? List.of() : groups,
                    extra == null
                            ? Map.of()
                            : extra.entrySet().stream()
                                    .collect(Collectors.toMap(
                                            entry -> entry.getKey().toLowerCase(Locale.ROOT),
                                            entry -> List.copyOf(entry.getValue()),
                                            (first, _) -> first)));
        }
    }
}
