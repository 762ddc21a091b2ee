package io.agenttier.controller.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.SandboxStatus;
import io.kubernetes.client.openapi.JSON;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfiguredTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"mode":"agent"}                                                                                  | False NotConfigured
            {"mode":"agent","resolvedAgentSpec":{"workingDir":"/w"},"agentConfigure":{}}                      | False NotConfigured
            {"mode":"agent","agentConfigure":{"installExitCode":0}}                                           | False NotConfigured
            {"mode":"agent","agentConfigure":{"installExitCode":3}}                                           | False InstallFailed
            {"mode":"agent","agentConfigure":{"installExitCode":-1,"installLogConfigMapRef":{"name":"l"}}}    | False InstallFailed
            {"mode":"agent","agentConfigure":{"lastConfiguredAt":"2026-01-01T00:00:00Z"}}                     | True Configured
            {"mode":"agent","agentConfigure":{"lastConfiguredAt":"2026-01-01T00:00:00Z","installExitCode":3}} | True Configured
            {"mode":"agent","agentConfigure":{"entrypoint":["a"]}}                                            | True Configured
            {"mode":"agent","resolvedAgentSpec":{"entrypoint":["a"]}}                                         | True Configured
            {"mode":"agent","resolvedAgentSpec":{"entrypoint":["a"]},"agentConfigure":{"installExitCode":3}}  | True Configured
            {"mode":"code","conditions":[{"type":"Configured","status":"True"}]}                              | False NotAgentMode
            {"mode":"code","agentConfigure":{"entrypoint":["a"]}}                                             | none
            {"mode":"swarm","agentConfigure":{"entrypoint":["a"]}}                                            | none
            {"agentConfigure":{"entrypoint":["a"]}}                                                           | none
            """)
    void followsFromTheModeAndWhatIsThere(String status, String expected) {
        assertThat(verdict(status)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"mode":"agent"}                                                 | spec.harness.agent.entrypoint
            {"mode":"agent","agentConfigure":{"installExitCode":3}}          | exit code 3
            {"mode":"agent","resolvedAgentSpec":{"entrypoint":["a"]},"agentConfigure":{"installExitCode":3}} | exit code 3
            {"mode":"agent","agentConfigure":{"lastConfiguredAt":"2026-01-01T00:00:00Z"}}                    | no entrypoint
            """)
    void saysWhatIsMissing(String status, String expected) {
        assertThat(Configured.verdict(status(status)).orElseThrow().message()).contains(expected);
    }

    private static String verdict(String status) {
        return Configured.verdict(status(status))
                .map(v -> v.status() + " " + v.reason())
                .orElse("none");
    }

    private static SandboxStatus status(String json) {
        return JSON.getGson().fromJson(json, SandboxStatus.class);
    }
}
