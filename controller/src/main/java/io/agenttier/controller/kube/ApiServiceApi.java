package io.agenttier.controller.kube;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.agenttier.api.Labels;
import io.agenttier.controller.effect.Effect;
import io.agenttier.controller.plan.ResourceKind;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The registration of our aggregated API with kube-apiserver. */
public final class ApiServiceApi implements Trusting {
    private static final String PATH = "/apis/apiregistration.k8s.io/v1/apiservices/";

    private final Rest rest;
    private final String name;

    /** @param name for example {@code subresources-v1alpha1.agenttier.io} */
    public ApiServiceApi(Rest rest, String name) {
        this.rest = rest;
        this.name = ResourceKind.segment(name);
    }

    @Override
    public boolean trust(String bundle) {
        var wanted = Base64.getEncoder().encodeToString(bundle.getBytes(StandardCharsets.UTF_8));
        return switch (rest.get(PATH + name)) {
            case Answer.Refused r when r.refusal().notFound() -> false;
            case Answer.Refused r -> throw new RefusedRead(r.refusal());
            case Answer.Done d -> {
                var present = JsonParser.parseString(d.body()).getAsJsonObject();
                if (!wanted.equals(caBundle(present))) {
                    apply(wanted);
                }
                yield true;
            }
        };
    }

    /** Removes the registration; fine if there is none. */
    public void delete() {
        switch (rest.get(PATH + name)) {
            case Answer.Refused r when r.refusal().notFound() -> {}
            case Answer.Refused r -> throw new RefusedRead(r.refusal());
            case Answer.Done d -> {
                var present = JsonParser.parseString(d.body()).getAsJsonObject();
                var uid = present.getAsJsonObject("metadata").get("uid").getAsString();
                if (rest.delete(Effect.DELETE_API_SERVICE, PATH + name, uid) instanceof Answer.Refused r
                        && !r.refusal().notFound()) {
                    throw new IllegalStateException("APIService \"" + name + "\" was not deleted: "
                            + r.refusal().message());
                }
            }
        }
    }

    private void apply(String caBundle) {
        var spec = new JsonObject();
        spec.addProperty("caBundle", caBundle);
        var metadata = new JsonObject();
        metadata.addProperty("name", name);
        var body = new JsonObject();
        body.addProperty("apiVersion", "apiregistration.k8s.io/v1");
        body.addProperty("kind", "APIService");
        body.add("metadata", metadata);
        body.add("spec", spec);
        if (rest.apply(Effect.TRUST_API_SERVICE, PATH + name, body, Labels.MANAGER_CONTROLLER)
                instanceof Answer.Refused r) {
            throw new IllegalStateException("the caBundle of APIService \"" + name + "\" was not written: "
                    + r.refusal().message());
        }
    }

    private static String caBundle(JsonObject apiService) {
        var bundle = apiService.getAsJsonObject("spec").get("caBundle");
        return bundle == null || bundle.isJsonNull() ? "" : bundle.getAsString();
    }
}
