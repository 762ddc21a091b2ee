package io.agenttier.cli.command;

import io.agenttier.cli.output.ExitCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** {@code port-forward NAME [LOCAL:]PORT...}: ports of a sandbox as ports here. */
final class PortForwardCommand implements Command {
    @Override
    public CommandSpec spec() {
        var spec = Options.spec(
                "port-forward",
                "Listen on ports here and lead each connection to a port of the sandbox, until Ctrl-C. PORT is that of the sandbox,"
                        + " LOCAL the one here: the same if it is left out, any that is free in :PORT.");
        spec.addPositional(Options.arguments("NAME [LOCAL:]PORT", "The sandbox, then the ports."));
        spec.addOption(Options.value(
                "ADDRESSES",
                "Addresses to listen on, separated by commas: IP addresses, or localhost. Default localhost.",
                "--address"));
        spec.usageMessage().customSynopsis("kubectl sandbox port-forward NAME [LOCAL:]PORT... [OPTIONS]");
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var words = arguments.positionals();
        var sandbox = Names.checked("sandbox", words.getFirst());
        if (words.size() < 2) {
            throw new UsageException(
                    "give a port of the sandbox, for example: kubectl sandbox port-forward %s 8080".formatted(sandbox));
        }
        var pairs = new ArrayList<PortPair>();
        for (var word : words.subList(1, words.size())) {
            pairs.add(PortPair.parse(word));
        }
        var addresses = addresses(arguments.text("--address").orElse("localhost"));
        try (var forward = new PortForward(session, sandbox)) {
            for (var pair : pairs) {
                forward.listen(addresses, pair);
            }
            session.interrupts().onInterrupt(forward::close);
            forward.await();
        }
        return ExitCode.OK;
    }

    private static List<InetAddress> addresses(String text) throws UsageException {
        var addresses = new ArrayList<InetAddress>();
        for (var word : text.split(",", -1)) {
            if (word.equals("localhost")) {
                addresses.addAll(loopback());
                continue;
            }
            try {
                addresses.add(InetAddress.ofLiteral(word));
            } catch (IllegalArgumentException e) {
                throw new UsageException("--address \"%s\": expected an IP address or localhost".formatted(word));
            }
        }
        return addresses;
    }

    /** Clients that are told localhost may try either. */
    static List<InetAddress> loopback() {
        try {
            return List.of(
                    InetAddress.getByAddress(new byte[] {127, 0, 0, 1}),
                    InetAddress.getByAddress(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("both have the right length", e);
        }
    }
}
