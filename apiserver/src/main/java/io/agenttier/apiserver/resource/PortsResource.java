package io.agenttier.apiserver.resource;

import io.agenttier.api.DeclaredPort;
import io.agenttier.api.ForwardedPort;
import io.agenttier.api.port.PortAddress;
import io.agenttier.api.port.PreviewHosts;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiError.Cause;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Answer;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.route.RequestDocument;
import io.agenttier.apiserver.route.Subresource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@code ports}: GET lists the declared ports, POST declares one, DELETE takes one back that a POST declared. */
final class PortsResource implements Subresource {
    private static final String KIND = "SandboxPort";
    private static final long BODY_BYTES = 64 * 1024;
    private static final byte[] NO_BODY = {};

    /** Calls about one sandbox at once have to meet that often before one of them fails. */
    private static final int TRIES = 10;

    /**
     * Body of POST, as sent.
     *
     * @param protocol "http" or "tcp"; http if it is left out
     */
    record SandboxPort(
            @Nullable String apiVersion,
            @Nullable String kind,
            @Nullable Integer port,
            @Nullable String protocol) {}

    private final Ports ports;
    private final @Nullable PreviewHosts previews;

    /** @param previews null where there are none */
    PortsResource(Ports ports, @Nullable PreviewHosts previews) {
        this.ports = ports;
        this.previews = previews;
    }

    @Override
    public String name() {
        return "ports";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET", "POST", "DELETE");
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public void serve(Call call, Exchange exchange) throws IOException {
        switch (call.method()) {
            case "POST" -> add(call, exchange);
            case "DELETE" -> remove(call, exchange);
            default -> list(call, exchange);
        }
    }

    private void list(Call call, Exchange exchange) {
        var set = live(call);
        var items = new ArrayList<>(set.forwarded());
        set.declared().stream()
                .filter(port -> set.reachable(port.port()).isEmpty())
                .map(port -> new ForwardedPort(port.port(), port.protocolOrDefault(), null, null))
                .forEach(items::add);
        items.sort(Comparator.comparingInt(ForwardedPort::port));
        var document = Documents.of("SandboxPortList");
        document.put("items", items.stream().map(PortsResource::item).toList());
        exchange.answer(Documents.answer(call, 200, document));
    }

    private void add(Call call, Exchange exchange) throws IOException {
        var port = port(call, RequestDocument.read(call, exchange, BODY_BYTES, SandboxPort.class));
        exchange.note(Note.PORT, Integer.toString(port.port()));
        boolean isNew = change(call, set -> PortChange.add(set, port, previews));
        var document = Documents.of(KIND);
        document.putAll(item(new ForwardedPort(
                port.port(),
                port.protocolOrDefault(),
                PortAddress.internalUrl(call.namespace(), call.name(), port),
                PortAddress.previewUrl(call.namespace(), call.name(), port, previews))));
        exchange.answer(Documents.answer(call, isNew ? 201 : 200, document));
    }

    private void remove(Call call, Exchange exchange) {
        var text = call.parameter("port")
                .orElseThrow(() -> Parameters.bad("parameter port is missing: name the port to remove"));
        int port = PortNumber.parse("parameter port", text);
        exchange.note(Note.PORT, Integer.toString(port));
        change(call, set -> PortChange.remove(set, port));
        exchange.answer(new Answer(204, Map.of(), NO_BODY));
    }

    /** Decides anew on what is stored then, whenever somebody else was faster. True if something was written. */
    private boolean change(Call call, Function<PortSet, PortChange> decide) {
        for (int attempt = 0; attempt < TRIES; attempt++) {
            var set = live(call);
            switch (decide.apply(set)) {
                case PortChange.Nothing _ -> {
                    return false;
                }
                case PortChange.Refused refused -> throw new ApiException(refused.error());
                case PortChange.Apply apply -> {
                    if (ports.apply(set, apply.own())) {
                        return true;
                    }
                }
            }
        }
        throw new ApiException(new ApiError.Conflict(
                "sandboxes",
                call.name(),
                "sandbox \"%s\" was changed by others %d times while its ports were written: try again"
                        .formatted(call.name(), TRIES)));
    }

    private PortSet live(Call call) {
        return ports.live(call.namespace(), call.name())
                .orElseThrow(() -> new ApiException(Reach.notFound(call.namespace(), call.name())));
    }

    private static DeclaredPort port(Call call, SandboxPort request) {
        var causes = new ArrayList<>(DocumentType.check(request.apiVersion(), request.kind(), KIND));
        var protocol = request.protocol() == null ? DeclaredPort.HTTP : request.protocol();
        if (!protocol.equals(DeclaredPort.HTTP) && !protocol.equals(DeclaredPort.TCP)) {
            causes.add(new Cause(
                    "FieldValueNotSupported",
                    "protocol",
                    "\"%s\": expected http or tcp".formatted(Parameters.printable(protocol))));
        }
        if (request.port() == null) {
            causes.add(new Cause("FieldValueRequired", "port", "is missing: name the port to forward"));
        }
        if (!causes.isEmpty()) {
            throw new ApiException(new ApiError.Invalid(KIND, call.name(), causes));
        }
        return new DeclaredPort(PortNumber.parse("port", String.valueOf(request.port())), protocol, null);
    }

    private static Map<String, @Nullable Object> item(ForwardedPort port) {
        var item = new LinkedHashMap<String, @Nullable Object>();
        item.put("port", port.port());
        item.put("protocol", port.protocol() == null ? DeclaredPort.HTTP : port.protocol());
        if (port.internalUrl() != null) {
            item.put("internalUrl", port.internalUrl());
        }
        if (port.previewUrl() != null) {
            item.put("previewUrl", port.previewUrl());
        }
        return item;
    }
}
