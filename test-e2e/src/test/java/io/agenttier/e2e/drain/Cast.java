package io.agenttier.e2e.drain;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.agent.CountingClients;
import io.agenttier.e2e.agent.LongReader;
import io.agenttier.e2e.client.KubeApi;
import java.util.ArrayList;
import java.util.List;

/** Who takes part: of each kind some, spread over the stages. */
final class Cast {
    private final List<Stage> stages;
    private final KubeApi sockets;
    private final Load ours;
    private final Load foreign;
    private final List<Foreign.Socket> watching = new ArrayList<>();
    private final List<Foreign.Program> programs = new ArrayList<>();
    private final List<Upload> uploads = new ArrayList<>();

    /** @param sockets can hold all WebSockets at once */
    Cast(List<Stage> stages, KubeApi sockets, Load ours, Load foreign) {
        this.stages = stages;
        this.sockets = sockets;
        this.ours = ours;
        this.foreign = foreign;
    }

    private Stage stage(int number) {
        return stages.get(number % stages.size());
    }

    void attach(int count) throws Exception {
        for (var i = 0; i < count; i++) {
            var stage = stage(i);
            switch (i % 10) {
                case 0, 5 -> ours.add("attach, WebSocket", () -> Watching.process(sockets, stage, Stage.PROCESS));
                case 1, 7 -> watching.add(Foreign.Socket.onProcess(sockets, stage));
                case 2, 9 -> ours.add("attach to a terminal, WebSocket", () -> Watching.terminal(sockets, stage));
                case 3 -> watching.add(Foreign.Socket.onTerminal(sockets, stage));
                case 4 -> ours.add("attach, plugin", () -> Watching.byPlugin(stage));
                case 6 -> ours.add("attach, Python SDK", () -> Watching.bySdk(stage));
                default -> start(Foreign.Program.of(stage, "foreign-" + i));
            }
        }
    }

    private void start(Foreign.Program program) {
        programs.add(program);
        foreign.add("exec, remotecommand of client-go", () -> {
            program.expectNoOutcome();
            return 1;
        });
    }

    /** Whether whoever is to be told has come. */
    boolean hasBegun() {
        return programs.stream().allMatch(Foreign.Program::hasBegun);
    }

    /** @param first is the one that the pulse goes by */
    void invoke(int count, LongReader first) {
        for (var i = 0; i < count; i++) {
            var stage = stage(i);
            var expected = stage.work().expected();
            var agent = stage.agent();
            switch (i % 10) {
                case 1 ->
                    ours.add("invoke, Python SDK", () -> {
                        assertThat(CountingClients.invokeBySdk(agent.namespace(), agent.sandbox(), stage.work()))
                                .isEqualTo(expected);
                        return -1;
                    });
                case 2 ->
                    ours.add("invoke, plugin", () -> {
                        assertThat(CountingClients.invokeByPlugin(agent.namespace(), agent.sandbox(), stage.work()))
                                .isEqualTo(expected);
                        return -1;
                    });
                default -> {
                    var reader = i == 0 ? first : new LongReader(agent, "invoke-" + i, stage.work());
                    ours.add("invoke, plain HTTP", () -> {
                        assertThat(reader.read()).isEqualTo(expected);
                        return reader.cuts();
                    });
                }
            }
        }
    }

    void upload(int count, Pulse pulse) {
        var ways = Upload.Way.values();
        for (var i = 0; i < count; i++) {
            var upload = new Upload(stage(i).agent(), "upload-" + i, ways[i % ways.length], new Feed(i, pulse));
            uploads.add(upload);
            ours.add("upload, " + upload.way().title, upload::run);
        }
    }

    /** From when the apiserver is replaced: whoever does not go on is told. */
    void expectGoingAway() {
        for (var socket : watching) {
            foreign.add("attach, WebSocket", () -> {
                socket.expectGoingAway();
                return 1;
            });
        }
    }

    /** When all have ended: what came into the sandboxes is what was sent, and what foreign clients left has come to its end. */
    void verify() {
        uploads.parallelStream().forEach(Upload::verify);
        for (var program : programs) Watching.process(sockets, program.stage(), program.name());
    }
}
