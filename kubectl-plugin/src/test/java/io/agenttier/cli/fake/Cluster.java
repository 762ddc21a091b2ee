package io.agenttier.cli.fake;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** Writes kubeconfigs for the fake server. */
public final class Cluster {
    private Cluster() {}

    public static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** With a client certificate and namespace {@code team1}. */
    public static Path kubeconfig(Path folder, FakeApiServer server) throws Exception {
        var alice = server.authority().issue("alice", null);
        return write(
                folder,
                server,
                "{client-certificate-data: %s, client-key-data: %s}"
                        .formatted(
                                base64(TestCertificates.pem(alice.certificate())),
                                base64(TestCertificates.pem(alice.key().getPrivate()))));
    }

    /** @param user flow mapping of the user's fields */
    public static Path write(Path folder, FakeApiServer server, String user) throws Exception {
        return Files.writeString(folder.resolve("config"), """
                apiVersion: v1
                kind: Config
                current-context: fake
                contexts:
                - {name: fake, context: {cluster: fake, user: alice, namespace: team1}}
                clusters:
                - {name: fake, cluster: {server: "%s", certificate-authority-data: %s}}
                users:
                - name: alice
                  user: %s
                """.formatted(
                server.url(), base64(TestCertificates.pem(server.authority().certificate())), user));
    }
}
