package io.agenttier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.cli.command.Commands;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UsageTest {
    private static final Path NO_CONFIG = Path.of("/nonexistent/kubeconfig");

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    frobnicate                        | unknown command "frobnicate": expected one of create, explain, exec, attach, configure, invoke, ps, logs, cancel, cp, archive, files get, files put, port-forward, open, ports list, ports add, ports remove, stop, resume, doctor, version
                    files                             | unknown command "files": expected one of create, explain, exec, attach, configure, invoke, ps, logs, cancel, cp, archive, files get, files put, port-forward, open, ports list, ports add, ports remove, stop, resume, doctor, version
                    exec                              | Missing required parameter: 'NAME'
                    exec web                          | no command given: expected kubectl sandbox exec web -- COMMAND [ARG...]
                    exec web --                       | no command given: expected kubectl sandbox exec web -- COMMAND [ARG...]
                    exec web ls                       | Unmatched argument at index 1: 'ls'; expected "--" before the command to run
                    exec web --nope -- ls             | Unknown option: '--nope'
                    exec web --timeout 3 -- ls        | --timeout "3" is no duration: expected for example 90s, 5m, 1h30m, or 0 for none, at most a year
                    exec web --env A -- ls            | --env "A" is invalid: expected NAME=VALUE
                    exec Web -- ls                    | sandbox name "Web" is invalid: expected lower-case letters, digits, '-' and '.', at most 253, beginning and ending with a letter or digit
                    exec ../x -- ls                   | sandbox name "../x" is invalid: expected lower-case letters, digits, '-' and '.', at most 253, beginning and ending with a letter or digit
                    configure web                     | give at least one of --file, --install and --entrypoint
                    configure web --file a            | --file "a" is invalid: expected REMOTE=LOCAL
                    configure web --file a=b          | --file "a=b" is invalid: expected an absolute path below the workspace before the equals sign
                    configure web --entrypoint= -o a  | -o "a" is invalid: expected json or yaml
                    configure web --entrypoint=       | --entrypoint "" names no program
                    configure web --entrypoint 'x     | --entrypoint "'x" is invalid: a single quote is not closed
                    configure web --entrypoint x -- y | give one of --entrypoint TEXT and -- ARGV: the program of the agent
                    invoke web hello                  | Unmatched argument at index 1: 'hello'; expected "--" before the command to run
                    invoke web --timeout 0            | --timeout "0" is invalid: it can only lower the limit of the sandbox
                    invoke web --cancel a --prompt b  | --cancel stands alone: it runs nothing
                    create web                        | give --template or --image: a sandbox needs to know what to run
                    create web --image x --dry-run=1  | --dry-run "1" is invalid: expected one of client, none, server
                    create web --image x -o yaml      | -o "yaml" is invalid: expected one of json, name
                    files put web x                   | give one of --file FILE, --file - and --data TEXT: the content of the file
                    files put web x --data a --mode 9 | --mode "9" is invalid: expected octal permission bits such as 0644
                    ports web                         | unknown command "ports web": expected one of create, explain, exec, attach, configure, invoke, ps, logs, cancel, cp, archive, files get, files put, port-forward, open, ports list, ports add, ports remove, stop, resume, doctor, version
                    ports add web 0                   | port "0" is invalid: expected a number from 1 to 65535
                    ports add web 65536               | port "65536" is invalid: expected a number from 1 to 65535
                    ports add web 80 --protocol=udp   | --protocol "udp" is invalid: expected http or tcp
                    ports list web -o wide            | -o "wide" is invalid: expected table, yaml or json
                    ports remove web x                | port "x" is invalid: expected a number from 1 to 65535
                    files get web a/                  | path "a/" names no file
                    stop                              | Missing required parameter: 'NAME'
                    resume web --wait-timeout x       | --wait-timeout "x" is no duration: expected for example 90s, 5m, 1h30m, or 0 for none, at most a year
                    explain web -o wide               | -o "wide" is invalid: expected table, yaml or json
                    explain pod/web                   | "pod/web" is invalid: expected the name of a sandbox, template/NAME, sandboxtemplate/NAME or clustersandboxtemplate/NAME
                    doctor -o yaml                    | -o "yaml" is invalid: expected json
                    version -o yaml                   | -o "yaml" is invalid: expected json
                    """)
    void saysExactlyWhatIsWrong(String line, String message) {
        var cli = new CliRun(NO_CONFIG);
        assertThat(cli.run(line.split(" ", -1))).as(cli.stderr()).isEqualTo(2);
        assertThat(cli.stderr()).startsWith("error: " + message + "\n").contains("--help' for usage.");
        assertThat(cli.out.size()).isZero();
    }

    @Test
    void everyCommandHasHelpAndALineInTheOverview() {
        var overview = new CliRun(NO_CONFIG);
        assertThat(overview.run("--help")).isZero();
        for (var name : Commands.summaries().keySet()) {
            assertThat(overview.stdout()).contains("\n  " + name);
            assertThat(Commands.find(name)).isPresent();
            var cli = new CliRun(NO_CONFIG);
            assertThat(cli.run((name + " --help").split(" ", -1))).isZero();
            assertThat(cli.stdout())
                    .startsWith("Usage: kubectl sandbox " + name)
                    .contains("--as-group");
        }
    }

    @Test
    void findsTheCommandAfterGlobalOptions() {
        assertThat(CommandWords.of(List.of("-n", "exec", "--context=c", "files", "get", "x", "-o", "-")))
                .isEqualTo(new CommandWords("files get", List.of("-n", "exec", "--context=c", "x", "-o", "-")));
        assertThat(CommandWords.of(List.of("exec", "web", "--", "files", "--help")))
                .isEqualTo(new CommandWords("exec", List.of("web", "--", "files", "--help")));
    }

    @Test
    void leavesTheOptionsOfTheCommandInTheSandboxAlone() {
        var cli = new CliRun(NO_CONFIG);
        assertThat(cli.run("exec", "web", "--", "ls", "--help")).isEqualTo(1);
        assertThat(cli.stderr()).startsWith("no cluster is configured");
    }

    @Test
    void tellsItsVersionWithoutACluster() {
        var cli = new CliRun(NO_CONFIG);
        assertThat(cli.run("version", "--client", "-o", "json")).isZero();
        assertThat(cli.stdout()).matches("\\{\n  \"clientVersion\" : \"[0-9]+\\.[0-9]+\\.[0-9]+.*\"\n}\n");
    }
}
