package io.agenttier.cli.kubeconfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.cli.transport.Header;
import io.agenttier.cli.transport.Identity.ClientCertificate;
import io.agenttier.cli.transport.Trust;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLookupTest {
    private static final ConnectionFlags NO_FLAGS =
            new ConnectionFlags(null, null, null, null, null, null, null, null, false, null, List.of(), null);

    @TempDir
    private Path folder;

    private Path file(String name, String text) throws IOException {
        var file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static Access find(ConnectionFlags flags, String... files) throws KubeconfigException {
        return new AccessLookup(Map.of("KUBECONFIG", String.join(File.pathSeparator, files)), false).find(flags);
    }

    private static ConnectionFlags context(String name) {
        return new ConnectionFlags(null, name, null, null, null, null, null, null, false, null, List.of(), null);
    }

    @Test
    void mergesFilesAsKubectlDoesTheFirstEntryOfANameCountsWhole() throws Exception {
        var one = file("one", """
                current-context: a
                contexts: [{name: a, context: {cluster: c, user: u}}]
                clusters: [{name: c, cluster: {server: "https://one"}}]
                """);
        var two = file("two", """
                current-context: b
                contexts: [{name: a, context: {cluster: x}}, {name: b, context: {cluster: c, user: u, namespace: team2}}]
                clusters: [{name: c, cluster: {server: "https://two", insecure-skip-tls-verify: true}}]
                users: [{name: u, user: {token: t}}]
                """);
        var access = find(NO_FLAGS, folder.resolve("missing").toString(), one.toString(), two.toString());
        assertThat(access.target().server()).hasToString("https://one");
        assertThat(access.target().trust()).isEqualTo(new Trust.Public());
        assertThat(access.namespace()).isEqualTo("default");
        assertThat(access.identities().current().authorization()).isEqualTo("Bearer t");
        var other = find(context("b"), one.toString(), two.toString());
        assertThat(other.namespace()).isEqualTo("team2");
        assertThat(other.target().server()).hasToString("https://one");
    }

    @Test
    void findsFilesBesideTheirKubeconfig() throws Exception {
        var config = file("sub/config", """
                current-context: a
                contexts: [{name: a, context: {cluster: c, user: u}}]
                clusters: [{name: c, cluster: {server: "https://h:1/base/", certificate-authority: ca.pem}}]
                users: [{name: u, user: {client-certificate: c.pem, client-key: k.pem, tokenFile: token}}]
                """);
        file("sub/ca.pem", "CA");
        file("sub/c.pem", "CERT");
        file("sub/k.pem", "KEY");
        file("sub/token", "first\n");
        var access = find(NO_FLAGS, config.toString());
        assertThat(access.target().server().basePath()).isEqualTo("/base");
        assertThat(access.target().trust())
                .isEqualTo(new Trust.Authorities("CA", "certificate-authority of cluster \"c\" in " + config));
        var identity = access.identities().current();
        assertThat(identity.authorization()).isEqualTo("Bearer first");
        assertThat(identity.certificate()).isEqualTo(new ClientCertificate("CERT", "KEY", "user \"u\" in " + config));
        file("sub/token", "second\n");
        assertThat(access.identities().current().authorization()).isEqualTo("Bearer second");
    }

    @Test
    void flagsWinOverFiles() throws Exception {
        var config = file("config", """
                current-context: a
                contexts: [{name: a, context: {cluster: c, user: u, namespace: n}}]
                clusters: [{name: c, cluster: {server: "https://h", insecure-skip-tls-verify: true}}]
                users: [{name: u, user: {username: me, password: "p:w", as: carol}}]
                """);
        assertThat(find(NO_FLAGS, config.toString()).identities().current())
                .satisfies(identity -> assertThat(identity.authorization()).isEqualTo("Basic bWU6cDp3"))
                .satisfies(identity ->
                        assertThat(identity.impersonation()).containsExactly(new Header("Impersonate-User", "carol")));
        var flags = new ConnectionFlags(
                config.toString(),
                null,
                null,
                null,
                "m",
                "https://other:7",
                "tok",
                null,
                false,
                "bob",
                List.of("g", "h"),
                null);
        var access = find(flags);
        assertThat(access.target().server()).hasToString("https://other:7");
        assertThat(access.target().trust()).isEqualTo(new Trust.Anyone());
        assertThat(access.namespace()).isEqualTo("m");
        assertThat(access.identities().current().authorization()).isEqualTo("Bearer tok");
        assertThat(access.identities().current().impersonation())
                .containsExactly(
                        new Header("Impersonate-User", "bob"),
                        new Header("Impersonate-Group", "g"),
                        new Header("Impersonate-Group", "h"));
    }

    @Test
    void saysWhatIsWrongWithTheConfiguration() throws Exception {
        assertRefused("", "no cluster is configured: set KUBECONFIG, use --kubeconfig and --context, or --server");
        assertRefused("current-context: a\n", "context \"a\" does not exist; there is none");
        assertRefused(
                "current-context: a\ncontexts: [{name: b, context: {}}]\n", "context \"a\" does not exist; there is b");
        assertRefused(
                "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\n",
                "cluster \"c\" does not exist, although context \"a\" in FILE names it");
        assertRefused(
                user("{client-key-data: AAAA}"),
                "user \"u\" in FILE: client-certificate and client-key are needed both, client-certificate is missing");
        assertRefused(user("{client-key-data: '*'}"), "user \"u\" in FILE: client-key-data is no base64");
        assertRefused(user("{token: 'a b'}"), "the token holds blanks or characters that no token has");
        assertRefused(
                user("{as-groups: [g]}"),
                "requesting groups or uid for the user without impersonating a user: give --as too");
        assertRefused(
                user("{auth-provider: {name: gcp}}"),
                "user \"u\" in FILE: auth-provider was removed from Kubernetes: use an exec credential plugin");
        assertRefused(
                user("{exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}}"),
                "exec credential plugin of user \"u\" in FILE: apiVersion \"client.authentication.k8s.io/v1alpha1\" is not supported: expected client.authentication.k8s.io/v1");
        assertRefused("- a list\n", "FILE is no kubeconfig: expected an object");
        assertRefused("a: [secret", "FILE is no YAML");
    }

    @Test
    void keepsSecretsOutOfTexts() throws Exception {
        var config = file("config", user("{token: very-secret}"));
        var access = find(NO_FLAGS, config.toString());
        assertThat(access.identities().toString()).doesNotContain("very-secret");
    }

    @Test
    void asksAPluginOnceUntilItsCredentialIsRefused() throws Exception {
        var config = file(
                "config",
                plugin(
                        "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"'$(date +%N)$K'\"}}'"));
        var identities = find(NO_FLAGS, config.toString()).identities();
        var first = identities.current().authorization();
        assertThat(first).startsWith("Bearer ").endsWith("from-env");
        assertThat(identities.current().authorization()).isEqualTo(first);
        assertThat(identities.refused()).isTrue();
        assertThat(identities.current().authorization()).isNotEqualTo(first);
    }

    @Test
    void refusesWhatAPluginShouldNotReturn() throws Exception {
        assertPlugin("exit 3", "failed with exit code 3");
        assertPlugin("echo hello", "printed no JSON");
        assertPlugin(
                "echo '{\"kind\":\"X\",\"apiVersion\":\"v9\"}'",
                "returned X of v9: expected ExecCredential of client.authentication.k8s.io/v1");
        assertPlugin(
                "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{}}'",
                "returned neither a token nor a certificate");
        assertPlugin("head -c 2000000 /dev/zero", "printed more than 1048576 bytes or did not end");
    }

    private void assertPlugin(String script, String message) throws Exception {
        var identities =
                find(NO_FLAGS, file("config", plugin(script)).toString()).identities();
        assertThatThrownBy(identities::current).hasMessageEndingWith(message);
    }

    private static String plugin(String script) {
        return user(
                "{exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, args: [-c, \"%s\"], env: [{name: K, value: from-env}, {name: PATH, value: '/usr/bin:/bin'}], interactiveMode: IfAvailable}}"
                        .formatted(script.replace("\"", "\\\"")));
    }

    private static String user(String fields) {
        return """
                current-context: a
                contexts: [{name: a, context: {cluster: c, user: u}}]
                clusters: [{name: c, cluster: {server: "https://h"}}]
                users: [{name: u, user: %s}]
                """.formatted(fields);
    }

    private void assertRefused(String text, String message) throws Exception {
        var config = file("config", text);
        assertThatThrownBy(() -> find(NO_FLAGS, config.toString()))
                .isInstanceOf(KubeconfigException.class)
                .hasMessage(message.replace("FILE", config.toString()));
    }
}
