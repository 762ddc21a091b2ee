package io.agenttier.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.cli.json.JsonReader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExecOutcomeTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {"reason":"completed","exitCode":0}                                       | 0   | ``
                    {"reason":"completed","exitCode":42}                                      | 42  | ``
                    {"reason":"completed","exitCode":null}                                    | 1   | lost: the server gave no exit code
                    {"reason":"completed","exitCode":-1}                                      | 1   | lost: the server gave no exit code
                    {"reason":"signaled","exitCode":137,"signal":"KILL"}                      | 137 | signaled: ended by signal KILL
                    {"reason":"oom","exitCode":137}                                           | 137 | oom: killed because memory ran out
                    {"reason":"error","exitCode":127,"message":"no such program: x"}          | 127 | error: no such program: x
                    {"reason":"error","exitCode":126,"message":"not executable"}              | 126 | error: not executable
                    {"reason":"error","exitCode":-1,"message":"no memory"}                    | 1   | error: no memory
                    {"reason":"error","exitCode":0,"message":"odd"}                           | 1   | error: odd
                    {"reason":"timeout","exitCode":-1,"message":"stopped after 30 s"}         | 1   | timeout: stopped after 30 s
                    {"reason":"canceled","exitCode":-1}                                       | 1   | canceled: canceled
                    {"reason":"lost","exitCode":null,"message":"node gone"}                   | 1   | lost: node gone
                    {"reason":"melted","exitCode":0}                                          | 1   | melted: see the processes of the sandbox
                    {}                                                                        | 1   | unknown outcome: see the processes of the sandbox
                    """)
    void endsAsTheRecordSaysAndNeverTakesTheUnknownForSuccess(String exit, int code, String message) throws Exception {
        var outcome = ExecOutcome.of(JsonReader.parse(exit));
        assertThat(outcome.exitCode()).isEqualTo(code);
        assertThat(outcome.message().orElse("")).isEqualTo(message);
    }
}
