package io.agenttier.controller.kube;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.agenttier.api.Labels;
import io.agenttier.controller.effect.Effect;
import io.agenttier.controller.plan.ResourceKind;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** One of our webhook configurations. Only the {@code caBundle} of each of its webhooks is ours; the rest is the installer's. */
public final class WebhookApi implements Trusting {
    private static final String PATH = "/apis/admissionregistration.k8s.io/v1/";

    private final Rest rest;
    private final Type type;
    private final String name;

    /** Which of the two kinds. */
    public enum Type {
        MUTATING("MutatingWebhookConfiguration", "mutatingwebhookconfigurations"),
        VALIDATING("ValidatingWebhookConfiguration", "validatingwebhookconfigurations");

        private final String kind;
        private final String plural;

        Type(String kind, String plural) {
            this.kind = kind;
            this.plural = plural;
        }
    }

    /** @param name for example {@code vsandbox.agenttier.io} */
    public WebhookApi(Rest rest, Type type, String name) {
        this.rest = rest;
        this.type = type;
        this.name = ResourceKind.segment(name);
    }

    @Override
    public boolean trust(String bundle) {
        var wanted = Base64.getEncoder().encodeToString(bundle.getBytes(StandardCharsets.UTF_8));
        return switch (rest.get(path())) {
            case Answer.Refused r when r.refusal().notFound() -> false;
            case Answer.Refused r -> throw new RefusedRead(r.refusal());
            case Answer.Done d -> {
                var webhooks =
                        JsonParser.parseString(d.body()).getAsJsonObject().getAsJsonArray("webhooks");
                if (webhooks != null && !allTrust(webhooks, wanted)) {
                    apply(webhooks, wanted);
                }
                yield webhooks != null;
            }
        };
    }

    private void apply(JsonArray present, String caBundle) {
        var webhooks = new JsonArray();
        for (var webhook : present) {
            var client = new JsonObject();
            client.addProperty("caBundle", caBundle);
            var trusting = new JsonObject();
            trusting.add("name", webhook.getAsJsonObject().get("name"));
            trusting.add("clientConfig", client);
            webhooks.add(trusting);
        }
        var metadata = new JsonObject();
        metadata.addProperty("name", name);
        var body = new JsonObject();
        body.addProperty("apiVersion", "admissionregistration.k8s.io/v1");
        body.addProperty("kind", type.kind);
        body.add("metadata", metadata);
        body.add("webhooks", webhooks);
        if (rest.apply(Effect.TRUST_WEBHOOK, path(), body, Labels.MANAGER_CONTROLLER) instanceof Answer.Refused r) {
            throw new IllegalStateException("the caBundle of " + type.kind + " \"" + name + "\" was not written: "
                    + r.refusal().message());
        }
    }

    private static boolean allTrust(JsonArray webhooks, String wanted) {
        for (var webhook : webhooks) {
            var bundle =
                    webhook.getAsJsonObject().getAsJsonObject("clientConfig").get("caBundle");
            if (bundle == null || !wanted.equals(bundle.getAsString())) {
                return false;
            }
        }
        return true;
    }

    private String path() {
        return PATH + type.plural + "/" + name;
    }
}
