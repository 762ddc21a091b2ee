package io.agenttier.apiserver.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Compared with {@code json.dumps(argv, separators=(",", ":"), ensure_ascii=False)} of Python, which is RFC 8785 for texts. */
class CanonicalJsonTest {
    @Test
    void hashesAsAnybodyElseDoes() {
        assertThat(CanonicalJson.of(List.of("make", "all"))).isEqualTo("[\"make\",\"all\"]");
        assertThat(CanonicalJson.sha256(List.of("make", "all")))
                .isEqualTo("160755ef1931107b93d43ae2b1ab4a4eb039f9c52530b4201906788d006d05ce");
        var hard = List.of("a\"\\\u0001\u007f\t\né\uD83D\uDE00/");
        assertThat(CanonicalJson.of(hard)).isEqualTo("[\"a\\\"\\\\\\u0001\u007f\\t\\né\uD83D\uDE00/\"]");
        assertThat(CanonicalJson.sha256(hard))
                .isEqualTo("6e7663f82de3f8639877d42ee7bfa7a3b8d5c29fbdb986537c474429e8498569");
    }

    @Test
    void tellsArgumentsApart() {
        assertThat(CanonicalJson.sha256(List.of("a", "b"))).isNotEqualTo(CanonicalJson.sha256(List.of("a\",\"b")));
    }
}
