package io.agenttier.e2e.drain;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.ForeignClients;
import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.client.RawSocket;
import io.agenttier.e2e.cluster.Command;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Clients that know Kubernetes' protocol and nothing of ours: they do not go on, so they have to be told that nothing has ended. */
final class Foreign {
    private static final String V5 = "v5.channel.k8s.io";
    private static final int GOING_AWAY = 1001;
    private static final String WHY = "this server stops: come back";

    private Foreign() {}

    /** A WebSocket that watches and nothing else. */
    @SuppressWarnings("ArrayRecordComponent")
    record Socket(RawSocket frames, byte[] stdout, byte[] stderr) {
        static Socket onProcess(KubeApi api, Stage stage) throws Exception {
            var work = stage.work();
            return open(api, stage, Stage.PROCESS, work.stdout(), work.stderr());
        }

        static Socket onTerminal(KubeApi api, Stage stage) throws Exception {
            return open(api, stage, Stage.TERMINAL, stage.work().terminal(), new byte[0]);
        }

        private static Socket open(KubeApi api, Stage stage, String process, byte[] stdout, byte[] stderr)
                throws Exception {
            var frames = new RawSocket();
            api.socket(stage.agent().path("attach?offset=0&process=" + process), V5, frames);
            assertThat(frames.answer().code()).as(frames.refusal()).isEqualTo(101);
            return new Socket(frames, stdout, stderr);
        }

        /** Waits for its end: it has a beginning of the output, no Status, and the word to come back. */
        void expectGoingAway() throws Exception {
            assertThat(frames.closeCode()).as(frames.closeReason()).isEqualTo(GOING_AWAY);
            assertThat(frames.closeReason()).isEqualTo(WHY);
            assertThat(frames.text(3))
                    .as("nothing is said of the end of a process that runs")
                    .isEmpty();
            assertThat(frames.text(1)).isNotEmpty().matches(came -> Stage.isBeginning(came, stdout));
            assertThat(new String(stderr, StandardCharsets.US_ASCII)).startsWith(frames.text(2));
        }
    }

    /** client-go's {@code remotecommand} with a process of this name, which it has started. */
    record Program(Stage stage, String name, List<String> argv) {
        static Program of(Stage stage, String name) {
            var path = stage.agent().path("exec?onDisconnect=keep&process=" + name);
            return new Program(stage, name, ForeignClients.remotecommand(path, stage.command()));
        }

        boolean hasBegun() {
            // an id is the incarnation, a dot and the name
            var processes = stage.agent().namespace().api().get(stage.agent().path("processes"));
            return processes.text().contains("." + name + "\"");
        }

        /** Runs until it is told to come back: with neither the exit code of its process nor 0. */
        void expectNoOutcome() {
            var kubeconfig = stage.agent().namespace().cluster().kubeconfig().toString();
            var told = Command.run(argv, Map.of("KUBECONFIG", kubeconfig), new byte[0]);
            assertThat(told.code()).as(told.toString()).isEqualTo(ForeignClients.NOT_THE_COMMAND);
            assertThat(told.stderr()).contains("close " + GOING_AWAY, WHY);
            assertThat(told.stdout())
                    .isNotEmpty()
                    .matches(came -> Stage.isBeginning(came, stage.work().stdout()));
        }
    }
}
