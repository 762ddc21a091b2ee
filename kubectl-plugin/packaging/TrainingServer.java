import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * A kube-apiserver that has one answer: a finished exec. The plugin runs against it once while its AOT cache is made, so that the cache holds the
 * classes of a real call: TLS with a client certificate, server-sent events, an exit code.
 *
 * <p>Arguments: folder with {@code training.p12} (entry {@code training}, for server and client both, and its {@code authority}). Writes {@code kubeconfig} there, prints one
 * line when it listens, and serves until it is ended.
 */
final class TrainingServer {
    private static final char[] PASSWORD = "training".toCharArray();
    private static final String EVENTS = """
            event: start
            data: {"process":"exec-0a1b2c3d0123456789abcdef","startedAt":1767225600000}

            id: 6
            event: log
            data: {"stream":"stdout","data":"hello\\n","offset":6}

            id: 10
            event: log
            data: {"stream":"stderr","dataBase64":"YWJjCg==","offset":10}

            event: exit
            data: {"process":"exec-0a1b2c3d0123456789abcdef","exitCode":3,"durationMs":5,"reason":"completed"}

            """;

    public static void main(String[] arguments) throws Exception {
        var folder = Path.of(arguments[0]);
        var store = KeyStore.getInstance(folder.resolve("training.p12").toFile(), PASSWORD);
        var keys = KeyManagerFactory.getInstance("PKIX");
        var own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry("training", store.getKey("training", PASSWORD), PASSWORD, store.getCertificateChain("training"));
        keys.init(own, PASSWORD);
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("authority", store.getCertificate("authority"));
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        var server = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0);
        server.setNeedClientAuth(true);
        var authority = pem("CERTIFICATE", store.getCertificate("authority").getEncoded());
        var certificate = pem("CERTIFICATE", store.getCertificate("training").getEncoded());
        var key = pem("PRIVATE KEY", store.getKey("training", PASSWORD).getEncoded());
        Files.writeString(folder.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                current-context: training
                contexts: [{name: training, context: {cluster: training, user: training, namespace: default}}]
                clusters:
                - name: training
                  cluster: {server: "https://127.0.0.1:%d", certificate-authority-data: %s}
                users:
                - name: training
                  user: {client-certificate-data: %s, client-key-data: %s}
                """.formatted(server.getLocalPort(), authority, certificate, key));
        System.out.println("listening");
        while (true) {
            try (var socket = (SSLSocket) server.accept()) {
                answer(socket);
            } catch (IOException e) {
                System.err.println("training: " + e.getMessage());
            }
        }
    }

    private static void answer(SSLSocket socket) throws IOException {
        var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
        int length = 0;
        for (var line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            if (line.startsWith("Content-Length:")) {
                length = Integer.parseInt(line.substring(15).strip());
            }
        }
        for (int i = 0; i < length; i++) {
            in.read();
        }
        var body = EVENTS.getBytes(StandardCharsets.UTF_8);
        OutputStream out = socket.getOutputStream();
        out.write(("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n".formatted(body.length))
                .getBytes(StandardCharsets.ISO_8859_1));
        out.write(body);
        out.write("\r\n0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private static String pem(String label, byte[] der) {
        var text = "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(label, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der), label);
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }
}
