package io.agenttier.cli.transport;

import io.agenttier.cli.transport.Identity.ClientCertificate;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** Calls one API server as one user. Safe for several threads. */
public final class ApiClient {
    private static final int MAX_ERROR_BODY = 1024 * 1024;
    private static final int MAX_REPEATS = 10;
    private static final Duration MAX_WAIT = Duration.ofSeconds(30);

    private final Target target;
    private final IdentitySource identities;
    private final Pause pause;
    private final Connector connector;
    private @Nullable SSLSocketFactory factory;
    private @Nullable ClientCertificate factoryFor;

    public ApiClient(Target target, IdentitySource identities, Pause pause) {
        this.target = target;
        this.identities = identities;
        this.pause = pause;
        this.connector = new Connector(target);
    }

    public ServerAddress server() {
        return target.server();
    }

    /**
     * Sends the request; again if the server says by {@code Retry-After} that nothing has started, and once more if our credentials have run out.
     *
     * @return the answer, 2xx or 304
     * @throws ApiException if the server answers with anything else
     * @throws UnreachableException if nothing could be sent
     * @throws CutException if the answer did not come; the request may have taken effect
     */
    public Response send(Request request) throws IOException {
        return send(request, Set.of());
    }

    /** The same; statuses of {@code wanted} are answers too. */
    public Response send(Request request, Set<Integer> wanted) throws IOException {
        boolean hasNewIdentity = false;
        for (int repeats = 0; ; ) {
            var response = once(request);
            int status = response.status();
            if (status / 100 == 2 || status == 304 || wanted.contains(status)) {
                return response;
            }
            var failure = failure(response);
            if (status == 401 && !hasNewIdentity && identities.refused()) {
                hasNewIdentity = true;
                continue;
            }
            var wait = failure.retryAfter();
            if (wait.isEmpty() || repeats++ == MAX_REPEATS) {
                throw new ApiException(failure);
            }
            pause.take(wait.get().compareTo(MAX_WAIT) < 0 ? wait.get() : MAX_WAIT);
        }
    }

    private Response once(Request request) throws IOException {
        var identity = identities.current();
        var headers = new ArrayList<Header>();
        if (identity.authorization() != null) {
            headers.add(new Header("Authorization", identity.authorization()));
        }
        headers.addAll(identity.impersonation());
        var socket = connector.open(factory(identity.certificate()));
        return Wire.exchange(socket, target.server(), request, List.copyOf(headers));
    }

    private synchronized SSLSocketFactory factory(@Nullable ClientCertificate certificate) throws IOException {
        if (!target.server().tls()) {
            return (SSLSocketFactory) SSLSocketFactory.getDefault();
        }
        if (factory == null) {
            CurveTable.begin(target.trust());
        }
        if (factory == null || !Objects.equals(factoryFor, certificate)) {
            factory = Tls.factory(target.trust(), certificate);
            factoryFor = certificate;
        }
        return factory;
    }

    private static Failure failure(Response response) {
        try (response) {
            var body = new byte[0];
            try {
                body = response.body().readNBytes(MAX_ERROR_BODY);
            } catch (IOException cut) {
                // the status alone says enough
            }
            return Failure.of(response.head(), body);
        }
    }
}
