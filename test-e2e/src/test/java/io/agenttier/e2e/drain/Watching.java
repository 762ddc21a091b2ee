package io.agenttier.e2e.drain;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.agent.Counting;
import io.agenttier.e2e.agent.CountingClients;
import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.integrity.Outcome;
import io.agenttier.e2e.integrity.Received;
import io.agenttier.e2e.integrity.SocketClient;

/** Clients of ours that watch a process to its end: whole and exact, whatever became of the replica that served them. */
final class Watching {
    private static final byte[] NOTHING = {};

    private Watching() {}

    /** @return how often its connection ended before the process did */
    static int process(KubeApi api, Stage stage, String process) {
        var work = stage.work();
        return watch(api, stage, process, received(work.stdout()), received(work.stderr()));
    }

    /** As {@link #process}; all output of a terminal is on channel 1. */
    static int terminal(KubeApi api, Stage stage) {
        return watch(api, stage, Stage.TERMINAL, received(stage.work().terminal()), received(NOTHING));
    }

    private static int watch(KubeApi api, Stage stage, String process, Received stdout, Received stderr) {
        var outcome = SocketClient.watch(api, stage.agent()::path, process, stdout, stderr);
        assertThat(stdout.isWhole() && stderr.isWhole()).as(outcome.toString()).isTrue();
        assertThat(outcome.end()).isEqualTo(new Outcome.End.Ended("", Counting.EXIT_CODE));
        return outcome.cuts();
    }

    private static Received received(byte[] whole) {
        return new Received(whole, whole.length);
    }

    /** @return −1: it does not tell */
    static int byPlugin(Stage stage) throws Exception {
        var agent = stage.agent();
        assertThat(CountingClients.attachByPlugin(agent.namespace(), agent.sandbox(), Stage.PROCESS))
                .isEqualTo(stage.work().expected());
        return -1;
    }

    /** @return −1: it does not tell */
    static int bySdk(Stage stage) throws Exception {
        var agent = stage.agent();
        assertThat(CountingClients.attachBySdk(agent.namespace(), agent.sandbox(), Stage.PROCESS))
                .isEqualTo(stage.work().expected());
        return -1;
    }
}
