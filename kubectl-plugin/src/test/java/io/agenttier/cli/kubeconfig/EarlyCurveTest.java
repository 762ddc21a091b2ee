package io.agenttier.cli.kubeconfig;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.cli.fake.TestCertificates;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class EarlyCurveTest {
    @TempDir
    Path folder;

    @Test
    void findsAnAuthorityHoweverItIsWritten() throws Exception {
        var data = onCurve();
        assertThat(EarlyCurve.namesCurve("    certificate-authority-data: " + data + "\n    server: x\n"))
                .isTrue();
        assertThat(EarlyCurve.namesCurve("certificate-authority-data: \"" + data + "\""))
                .isTrue();
        assertThat(EarlyCurve.namesCurve("{server: x, certificate-authority-data: " + data + "}"))
                .isTrue();
    }

    @Test
    void findsTheSecondOfTwoClusters() throws Exception {
        var rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair().getPublic();
        var other = data(TestCertificates.pem("CERTIFICATE", rsa.getEncoded()));
        assertThat(EarlyCurve.namesCurve("certificate-authority-data: " + other + "\n"))
                .isFalse();
        assertThat(EarlyCurve.namesCurve(
                        "certificate-authority-data: " + other + "\ncertificate-authority-data: " + onCurve() + "\n"))
                .isTrue();
    }

    @Test
    void findsNothingInWhatIsDamaged() {
        for (var value : List.of("", " ", "=", "AAA", "%%%", "|", "ééé", "\u0000")) {
            assertThat(EarlyCurve.namesCurve("certificate-authority-data:" + value))
                    .isFalse();
            assertThat(EarlyCurve.namesCurve("certificate-authority-data:" + value + "\n"))
                    .isFalse();
        }
    }

    @Test
    void looksWhereTheKubeconfigIsReadFrom() throws Exception {
        var file = Files.writeString(folder.resolve("config"), "certificate-authority-data: " + onCurve());
        var missing = folder.resolve("missing").toString();
        assertThat(EarlyCurve.isFound(file.toString(), Map.of())).isTrue();
        assertThat(EarlyCurve.isFound(null, Map.of("KUBECONFIG", missing + ":" + file)))
                .isTrue();
        assertThat(EarlyCurve.isFound(missing, Map.of("KUBECONFIG", file.toString())))
                .isFalse();
        assertThat(EarlyCurve.isFound(folder.toString(), Map.of())).isFalse();
        assertThat(EarlyCurve.isFound("\u0000", Map.of())).isFalse();
    }

    @Test
    @Timeout(60)
    void leavesAPipeToItsOneReader() throws Exception {
        var pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        assertThat(EarlyCurve.isFound(pipe.toString(), Map.of())).isFalse();
    }

    @Test
    void takesTheFileThatTheCommandLineNames() {
        assertThat(EarlyCurve.named(List.of("web", "--kubeconfig", "a"))).isEqualTo("a");
        assertThat(EarlyCurve.named(List.of("--kubeconfig=b", "web"))).isEqualTo("b");
        assertThat(EarlyCurve.named(List.of("web", "--kubeconfig"))).isNull();
        assertThat(EarlyCurve.named(List.of("web"))).isNull();
    }

    private static String onCurve() throws Exception {
        return data(TestCertificates.pem(TestCertificates.authority().certificate()));
    }

    private static String data(String pem) {
        return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
    }
}
