package io.agenttier.e2e.crash;

import io.agenttier.controller.Program;
import io.agenttier.controller.config.ControllerConfig;
import io.agenttier.controller.effect.Effect;
import io.agenttier.controller.effect.Witness;
import io.agenttier.controller.kube.ApiClients;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The controller program with a witness that prints each effect and may end the process at one. First argument: {@code -}, or a
 * {@link Fault}; the others are the controller's own.
 */
final class ControllerChild {
    static final String NO_FAULT = "-";
    static final String VISIT = "@visit ";
    static final int HALTED = 137;

    private ControllerChild() {}

    public static void main(String[] args) throws Exception {
        var fault = args[0].equals(NO_FAULT) ? null : Fault.parse(args[0]);
        var witness = new Armed(fault);
        var own = List.of(args).subList(1, args.length);
        var clients = ApiClients.connect(System.getenv("KUBECONFIG"));
        if (own.getFirst().equals("uninstall")) {
            Program.uninstall(ControllerConfig.apiService(own.subList(1, own.size())), clients, witness);
            System.exit(0);
        }
        System.exit(Program.run(ControllerConfig.parse(own), clients, witness) ? 1 : 0);
    }

    private static final class Armed implements Witness {
        private final @Nullable Fault fault;
        private final AtomicInteger begun = new AtomicInteger();
        private final AtomicInteger done = new AtomicInteger();

        private Armed(@Nullable Fault fault) {
            this.fault = fault;
        }

        @Override
        public void before(Effect effect, String target) {
            System.out.println(VISIT + effect + " " + target);
            if (isAt(effect, target)) endAt(Fault.Side.BEFORE, begun.incrementAndGet());
        }

        @Override
        public void after(Effect effect, String target) {
            if (isAt(effect, target)) endAt(Fault.Side.AFTER, done.incrementAndGet());
        }

        private boolean isAt(Effect effect, String target) {
            return fault != null && fault.effect() == effect && target.contains(fault.within());
        }

        private void endAt(Fault.Side side, int visit) {
            if (fault != null && fault.side() == side && fault.visit() == visit)
                Runtime.getRuntime().halt(HALTED);
        }
    }
}
