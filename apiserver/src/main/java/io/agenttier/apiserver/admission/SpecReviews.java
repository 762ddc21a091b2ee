package io.agenttier.apiserver.admission;

import io.agenttier.api.Constraints;
import io.agenttier.api.Harness;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxSpec;
import io.agenttier.api.SandboxTemplate;
import io.agenttier.api.TemplateSpec;
import io.agenttier.api.reference.References;
import io.agenttier.apiserver.admission.AdmissionReview.Request;
import io.agenttier.apiserver.admission.AdmissionReview.Reviewed;
import io.agenttier.apiserver.error.ApiError;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Judges what changes in a Sandbox or SandboxTemplate. What was there before was judged then and is not judged again. */
final class SpecReviews {
    private final ReferenceRules rules;
    private final PortNaming ports;

    SpecReviews(ReferenceRules rules, PortNaming ports) {
        this.rules = rules;
        this.ports = ports;
    }

    Verdict sandbox(Request<SandboxSpec> request) {
        var now = spec(request.object(), SandboxSpec.EMPTY);
        var before = spec(request.oldObject(), SandboxSpec.EMPTY);
        var namespace = request.namespaceOrEmpty();
        var question = new ReferenceRules.Question(
                Sandbox.PLURAL,
                Sandbox.KIND,
                namespace,
                request.nameOrEmpty(),
                changed(before, now, SandboxSpec::network),
                changed(before, now, spec -> constraints(spec.harness())),
                References.appeared(References.of(before, namespace), References.of(now, namespace)),
                changed(before, now, SandboxSpec::templateRef),
                "spec.templateRef");
        var object = Objects.requireNonNull(request.object(), "a CREATE or UPDATE has an object");
        var warnings = RetiredFields.warnings(object.metadataOrEmpty(), now);
        var changesPorts = changed(before, now, SandboxSpec::ports) != null || question.template() != null;
        return (changesPorts ? ports.refusal(request.nameOrEmpty(), namespace, now) : Optional.<ApiError>empty())
                .map(refusal -> Verdict.refuse(refusal, warnings))
                .orElseGet(() -> verdict(request, question, warnings));
    }

    Verdict template(Request<TemplateSpec> request) {
        var now = spec(request.object(), TemplateSpec.EMPTY);
        var before = spec(request.oldObject(), TemplateSpec.EMPTY);
        var namespace = request.namespaceOrEmpty();
        var question = new ReferenceRules.Question(
                SandboxTemplate.PLURAL,
                SandboxTemplate.KIND,
                namespace,
                request.nameOrEmpty(),
                changed(before, now, TemplateSpec::network),
                changed(before, now, spec -> constraints(spec.harness())),
                References.appeared(References.of(before, namespace), References.of(now, namespace)),
                changed(before, now, TemplateSpec::inheritsFrom),
                "spec.inheritsFrom");
        return verdict(request, question, RetiredFields.warnings(now.harness()));
    }

    private Verdict verdict(Request<?> request, ReferenceRules.Question question, List<String> warnings) {
        return rules.refusal(request.userInfo().user(), question)
                .map(refusal -> Verdict.refuse(refusal, warnings))
                .orElseGet(() -> Verdict.allow(warnings));
    }

    private static @Nullable Constraints constraints(@Nullable Harness harness) {
        return harness == null ? null : harness.constraints();
    }

    private static <S> S spec(@Nullable Reviewed<S> object, S absent) {
        return object == null || object.spec() == null ? absent : object.spec();
    }

    private static <S, F> @Nullable F changed(S before, S now, Function<S, @Nullable F> field) {
        var value = field.apply(now);
        return Objects.equals(value, field.apply(before)) ? null : value;
    }
}
