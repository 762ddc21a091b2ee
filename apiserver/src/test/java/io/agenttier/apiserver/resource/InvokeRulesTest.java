package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.api.Agent;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InvokeRulesTest {
    private static final Duration DAY = Duration.ofHours(24);
    private static final InvokeRules.Wanted NOTHING = new InvokeRules.Wanted(Optional.empty(), false, false);

    @Test
    void runsTheEntrypointWithTheLimitOfTheSandbox() {
        var start = InvokeRules.start(
                Calls.post("invoke").call(),
                agent("10m"),
                NOTHING,
                new InvokeRules.Content(List.of("-x"), "aGk="),
                DAY,
                false);
        assertThat(start.argv()).containsExactly("python", "agent.py", "-x");
        assertThat(start.cwd()).isEqualTo("/workspace");
        assertThat(start.stdinBase64()).isEqualTo("aGk=");
        assertThat(start.timeoutMs()).isEqualTo(600_000);
        assertThat(start.keep()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"10m, 24h, PT10M", ", 24h, PT30M", "48h, 24h, PT24H", "0, 24h, PT30M", "10m, 1m, PT1M"})
    void theLimitIsThatOfTheSandboxBelowThatOfTheCluster(@Nullable String own, String ceiling, String limit) {
        assertThat(agent(own).limit(io.agenttier.api.GoDuration.parse(ceiling).orElseThrow()))
                .isEqualTo(Duration.parse(limit));
    }

    @Test
    void aCallerMayLowerTheLimitAndNeverRaiseIt() {
        assertThat(start("9m59s").timeoutMs()).isEqualTo(599_000);
        assertThatThrownBy(() -> start("10m1s"))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        e -> assertThat(e.error().message()).contains("10m1s is above the limit of this sandbox, 10m"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1s", "soon", "5", "99999999h"})
    void aTimeoutThatIsNoneIsRefused(String text) {
        assertThatThrownBy(() -> InvokeRules.parameters(
                        Calls.post("invoke").query("invokeTimeout", text).call()))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.BadRequest.class));
    }

    @Test
    void aPromptIsAnArgumentAndStandardInputWhereNoneIsGiven() {
        var prompt = content(envelope("do", List.of("a"), null, null));
        assertThat(prompt.args()).containsExactly("a", "--prompt=do");
        assertThat(text(prompt)).isEqualTo("do");
        assertThat(text(content(envelope("do", null, "in", null)))).isEqualTo("in");
        assertThat(text(content(envelope(null, null, null, "aGk=")))).isEqualTo("hi");
        assertThat(content(envelope(null, null, null, null))).isEqualTo(InvokeRules.Content.NONE);
    }

    @Test
    void everythingThatIsWrongIsNamed() {
        assertThatThrownBy(() -> content(envelope("a\0", java.util.Arrays.asList("b", null), "x", "eA==")))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        e -> assertThat(((ApiError.Invalid) e.error()).causes())
                                .extracting(ApiError.Cause::field)
                                .containsExactly("args[1]", "prompt", "stdinBase64"));
        assertThatThrownBy(() -> InvokeRules.wanted(
                        Calls.post("invoke").call(),
                        NOTHING,
                        new SandboxInvokeRequest(null, null, null, null, null, null, "x", "maybe")))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        e -> assertThat(((ApiError.Invalid) e.error()).causes())
                                .extracting(ApiError.Cause::field)
                                .containsExactly("invokeTimeout", "onFull"));
    }

    @Test
    void standardInputOfAnEnvelopeHasTheSameLimit() {
        assertThatThrownBy(() -> InvokeRules.content(
                        Calls.post("invoke").call(), envelope(null, null, "x".repeat(13), null), 10))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.TooLarge.class));
    }

    private static io.agenttier.apiserver.sandboxd.StartRequest start(String timeout) {
        var wanted = InvokeRules.parameters(
                Calls.post("invoke").query("invokeTimeout", timeout).call());
        return InvokeRules.start(
                Calls.post("invoke").call(), agent("10m"), wanted, InvokeRules.Content.NONE, DAY, false);
    }

    private static AgentState agent(@Nullable String timeout) {
        return AgentState.agent(
                "t", false, new Agent(List.of("python", "agent.py"), List.of(), null, List.of(), 4, timeout), null);
    }

    private static SandboxInvokeRequest envelope(
            @Nullable String prompt,
            @Nullable List<@Nullable String> args,
            @Nullable String stdin,
            @Nullable String base64) {
        return new SandboxInvokeRequest(null, null, prompt, args, stdin, base64, null, null);
    }

    private static InvokeRules.Content content(SandboxInvokeRequest envelope) {
        return InvokeRules.content(Calls.post("invoke").call(), envelope, 1000);
    }

    private static String text(InvokeRules.Content content) {
        return new String(Base64.getDecoder().decode(content.stdinBase64()), StandardCharsets.UTF_8);
    }
}
