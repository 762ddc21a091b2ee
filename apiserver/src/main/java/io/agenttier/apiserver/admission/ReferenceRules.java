package io.agenttier.apiserver.admission;

import io.agenttier.api.Constraints;
import io.agenttier.api.Network;
import io.agenttier.api.TemplateRef;
import io.agenttier.api.network.ProtectedRanges;
import io.agenttier.api.reference.Reference;
import io.agenttier.apiserver.auth.User;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiError.Cause;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether a requester may name what an object newly names. What an object says wrongly comes first, then what nobody or he may not. */
final class ReferenceRules {
    /** No object of the schema needs that many; each costs a question to kube-apiserver. */
    private static final int MOST = 500;

    private final Rights rights;
    private final TemplateReading chains;
    private final KeySecrets keys;
    private final ProtectedRanges ranges;

    ReferenceRules(Rights rights, TemplateReading chains, KeySecrets keys, ProtectedRanges ranges) {
        this.rights = rights;
        this.chains = chains;
        this.keys = keys;
        this.ranges = ranges;
    }

    /**
     * What is to be judged.
     *
     * @param resource plural of the object's kind
     * @param network whose egress rules are judged, null where they have not changed
     * @param constraints whose allowed destinations are judged, null where they have not changed
     * @param references those that appeared
     * @param template the first template of the chain, null where it has not changed
     * @param templateField field of {@code template}
     */
    record Question(
            String resource,
            String kind,
            String namespace,
            String name,
            @Nullable Network network,
            @Nullable Constraints constraints,
            List<Reference> references,
            @Nullable TemplateRef template,
            String templateField) {
        Question {
            references = List.copyOf(references);
        }
    }

    /**
     * Why it is refused.
     *
     * @throws io.agenttier.apiserver.error.ApiException 503 if that cannot be told
     */
    Optional<ApiError> refusal(User user, Question question) {
        var wrong = new ArrayList<Cause>();
        ranges.violations(question.network()).stream()
                .map(violation -> Causes.forbidden("spec.network.egressRules", violation))
                .forEach(wrong::add);
        if (question.constraints() != null) {
            ranges.violations(question.constraints().allowedNetworkDests()).stream()
                    .map(violation -> Causes.forbidden("spec.harness.constraints.allowedNetworkDests", violation))
                    .forEach(wrong::add);
        }
        if (question.references().size() > MOST) {
            wrong.add(new Cause(
                    "FieldValueTooMany",
                    "spec",
                    "names %d objects, expected at most %d"
                            .formatted(question.references().size(), MOST)));
        }
        if (!wrong.isEmpty()) {
            return Optional.of(new ApiError.Invalid(question.kind(), question.name(), wrong));
        }
        var forbidden = forbidden(user, question);
        return forbidden.isEmpty()
                ? Optional.empty()
                : Optional.of(new ApiError.Denied(question.resource(), question.name(), forbidden));
    }

    private List<Cause> forbidden(User user, Question question) {
        var causes = new ArrayList<>(keys.named(question.references()));
        var demands = new ArrayList<Demand>();
        question.references().stream().map(Demand::of).forEach(demands::add);
        if (question.template() != null) {
            var chain = chains.from(question.template(), question.namespace());
            demands.addAll(ChainRules.demands(question.templateField(), chain));
            causes.addAll(ChainRules.strangers(question.templateField(), chain, question.namespace()));
        }
        rights.missing(user, demands).stream()
                .map(demand -> Causes.forbidden(demand.field(), demand.refusal(user.name())))
                .forEach(causes::add);
        return causes;
    }
}
