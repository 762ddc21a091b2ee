package io.agenttier.controller.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.TemplateKind;
import io.agenttier.api.TemplateSpec;
import io.agenttier.api.merge.TemplateChain;
import io.agenttier.api.merge.TemplateChain.End;
import io.agenttier.api.merge.TemplateChain.Link;
import io.agenttier.api.merge.TemplateName;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
class KeptNetworkTest {
    private static final TemplateSpec LAYER = Fixtures.template("""
            {"image":{"repository":"i"},"env":[{"name":"A","value":"hunter2"}],
             "network":{"allowInternet":false,"allowPeerSandboxes":true,
               "peerSandboxSelector":{"matchLabels":{"a.b/c":"007","x":"true"},
                 "matchExpressions":[{"key":"k","operator":"In","values":["é = %","#1"]}]},
               "egressRules":[{"cidr":"10.0.0.0/8","ports":[{"port":443},{"protocol":"UDP","port":53}]},
                 {"serviceRef":{"name":"db","namespace":"n","port":5432}}],
               "ingressRules":[{"cidr":"fd00::/8"}]},
             "harness":{"workingDir":"/w","constraints":{"maxFileSize":"1Mi","deniedNetworkDests":["10.1.0.0/16"]}}}""");

    @Test
    void theNetworkOfTemplatesComesBackAsItWasAndNothingElseOfThem() {
        var kept = KeptNetwork.of(chain(TemplateKind.CLUSTER));
        var text = kept.text().orElseThrow();
        assertThat(text).startsWith("cluster ").doesNotContain("hunter2", "workingDir", "repository");
        assertThat(KeptNetwork.of(policy(text))).contains(kept);
        assertThat(kept.layer().network()).isEqualTo(LAYER.network());
        assertThat(kept.layer().harness().constraints().deniedNetworkDests()).containsExactly("10.1.0.0/16");
        assertThat(KeptNetwork.of(chain(TemplateKind.NAMESPACED)).byClusterOnly())
                .isFalse();
    }

    @Test
    void aSandboxWithoutTemplatesKeepsThatItHasNone() {
        var kept = KeptNetwork.of(TemplateChain.NONE);
        assertThat(KeptNetwork.of(policy(kept.text().orElseThrow()))).contains(kept);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "cluster network",
                "cluster network.allowInternet=b:yes",
                "cluster network.allowInternet=s:true",
                "cluster network.allowInternet=b:true network.allowInternet=b:true",
                "cluster network.egressRules.#1.cidr=s:10%2E0%2E0%2E0%2F8",
                "cluster network.egressRules.#0=s:x network.egressRules.#0.cidr=s:y",
                "cluster =s:x",
                "cluster image.repository=s:i",
                "cluster network.x=s:%",
                "cluster network.x=n:99999999999999999999",
                "cluster a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=b:true",
                "anyone network.allowInternet=b:true"
            })
    void anAnnotationThatIsNotOursIsNotUsed(String text) {
        assertThat(KeptNetwork.of(policy(text))).isEmpty();
    }

    @Test
    void noGarbageDoesMoreThanBeNothing() {
        var ours = KeptNetwork.of(chain(TemplateKind.CLUSTER)).text().orElseThrow();
        var random = new Random(11);
        for (var i = 0; i < 3000; i++) {
            var changed = new StringBuilder(ours);
            for (var n = random.nextInt(4); n >= 0; n--) {
                var at = random.nextInt(changed.length());
                changed.replace(at, at + random.nextInt(3), "" + " .=#%:bs0".charAt(random.nextInt(9)));
            }
            var text = changed.toString();
            KeptNetwork.of(policy(text))
                    .ifPresent(kept -> assertThat(kept.text()).contains(text));
        }
    }

    private static TemplateChain chain(TemplateKind kind) {
        return new TemplateChain(
                List.of(new Link(new TemplateName(kind, kind == TemplateKind.CLUSTER ? "" : "team1", "t"), LAYER, "1")),
                new End.Whole());
    }

    private static V1NetworkPolicy policy(String annotation) {
        return new V1NetworkPolicy()
                .metadata(new V1ObjectMeta().putAnnotationsItem(KeptNetwork.ANNOTATION, annotation));
    }
}
