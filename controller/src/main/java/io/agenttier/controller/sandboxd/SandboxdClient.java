package io.agenttier.controller.sandboxd;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.TlsVersion;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * The three calls of the controller to the daemon of a pod ({@code docs/sandboxd-protocol.md} §4). Each blocks, within a time limit, on a connection
 * of its own: TLS 1.3 to the pod's IP, where the certificate must bear the incarnation's name and be signed by the installation's CA.
 */
public final class SandboxdClient {
    private static final String PROTOCOL = "1";
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(10);

    /** What a hook may take beyond its limit: sandboxd gives its processes 5 s between TERM and KILL. */
    private static final Duration HOOK_MARGIN = Duration.ofSeconds(10);

    private static final int DOCUMENT_BYTES = 256 << 10;
    private static final int MESSAGE_CHARS = 512;
    private static final MediaType JSON = MediaType.get("application/json");

    private final Supplier<Optional<Signer>> signers;
    private final Tokens tokens;
    private volatile @Nullable Trusting trusting;

    private record Trusting(List<X509Certificate> authorities, OkHttpClient client) {}

    private interface Reader<T> {
        T read(String body) throws MisbehavedException;
    }

    /** @param signers the signer in force now; empty until the certificates have been made */
    public SandboxdClient(Supplier<Optional<Signer>> signers, InstantSource clock) {
        this.signers = signers;
        this.tokens = new Tokens(clock);
    }

    public Reply<Report> report(Endpoint endpoint) {
        return call(endpoint, "report", null, ANSWER, body -> Report.of(Fields.parse(body)));
    }

    /**
     * Runs a hook, or waits for the run of it that has begun.
     *
     * @param limit of the hook, which sandboxd enforces
     */
    public Reply<HookResult> hook(Endpoint endpoint, Hook hook, Duration limit) {
        var body = new JsonObject();
        body.addProperty("kind", hook.kind().wire());
        body.addProperty("occurrence", hook.occurrence());
        return call(endpoint, "hook", body, limit.plus(HOOK_MARGIN), text -> HookResult.of(Fields.parse(text)));
    }

    /** Tells those who are in the sandbox; the answer is the notice itself. */
    public Reply<Notice> notice(Endpoint endpoint, Notice notice) {
        var body = new JsonObject();
        notice.stop().ifPresent(stop -> {
            body.addProperty("kind", stop.reason());
            body.addProperty("text", stop.text());
            body.addProperty(
                    "at",
                    DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                            stop.at().truncatedTo(ChronoUnit.MILLIS).atOffset(ZoneOffset.UTC)));
        });
        return call(endpoint, "notice", body, ANSWER, _ -> notice);
    }

    private <T> Reply<T> call(
            Endpoint endpoint, String operation, @Nullable JsonObject body, Duration limit, Reader<T> reader) {
        var signer = signers.get();
        if (signer.isEmpty()) {
            return new Reply.Unreachable<>("the controller has no signing certificate yet");
        }
        var url = "https://" + endpoint.serverName() + ":" + endpoint.port() + "/v1/" + operation;
        var request = new Request.Builder()
                .url(url)
                .header("Authorization", "Bearer " + tokens.token(signer.get(), endpoint.incarnation(), operation));
        if (body != null) {
            request.post(RequestBody.create(body.toString(), JSON));
        }
        var client = trusting(signer.get().authorities())
                .newBuilder()
                .dns(_ -> List.of(InetAddress.ofLiteral(endpoint.podIp())))
                .callTimeout(limit)
                .build();
        try (var response = client.newCall(request.build()).execute()) {
            return reply(response, reader);
        } catch (MisbehavedException e) {
            return new Reply.Misbehaved<>(String.valueOf(e.getMessage()));
        } catch (IOException | IllegalArgumentException e) {
            return new Reply.Unreachable<>("no answer from sandboxd at " + endpoint.podIp() + ": " + e.getMessage());
        }
    }

    private static <T> Reply<T> reply(Response response, Reader<T> reader) throws IOException {
        if (!PROTOCOL.equals(response.header("AgentTier-Protocol"))) {
            throw new MisbehavedException("the answer bears no header AgentTier-Protocol: " + PROTOCOL);
        }
        var text = bounded(response);
        if (response.isSuccessful()) {
            return new Reply.Answer<>(reader.read(text));
        }
        var message = Fields.printableEnd(Fields.parse(text).text("message", DOCUMENT_BYTES), MESSAGE_CHARS);
        return new Reply.Refused<>(response.code(), message);
    }

    private static String bounded(Response response) throws IOException {
        var source = response.body().source();
        var text = new Buffer();
        while (source.read(text, 8192) >= 0) {
            if (text.size() > DOCUMENT_BYTES) {
                throw new MisbehavedException("the answer is longer than %d bytes".formatted(DOCUMENT_BYTES));
            }
        }
        return text.readUtf8();
    }

    private OkHttpClient trusting(List<X509Certificate> authorities) {
        var present = trusting;
        if (present == null || !present.authorities.equals(authorities)) {
            present = new Trusting(authorities, build(authorities));
            trusting = present;
        }
        return present.client;
    }

    private static OkHttpClient build(List<X509Certificate> authorities) {
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (var i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("ca" + i, authorities.get(i));
            }
            var trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(store);
            var context = SSLContext.getInstance("TLSv1.3");
            context.init(null, trust.getTrustManagers(), null);
            var onlyNewest = new ConnectionSpec.Builder(ConnectionSpec.RESTRICTED_TLS)
                    .tlsVersions(TlsVersion.TLS_1_3)
                    .build();
            return new OkHttpClient.Builder()
                    .sslSocketFactory(context.getSocketFactory(), (X509TrustManager) trust.getTrustManagers()[0])
                    .connectionSpecs(List.of(onlyNewest))
                    .protocols(List.of(Protocol.HTTP_1_1))
                    .connectionPool(new ConnectionPool(0, 1, TimeUnit.SECONDS))
                    .proxy(Proxy.NO_PROXY)
                    .followRedirects(false)
                    .retryOnConnectionFailure(false)
                    .connectTimeout(CONNECT)
                    .readTimeout(Duration.ZERO)
                    .writeTimeout(ANSWER)
                    .build();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("no TLS context can be made of the installation's authorities", e);
        }
    }
}
