package io.agenttier.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShellWordsTest {
    /** The words are joined by {@code ·}. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    python3 agent.py            | python3·agent.py
                    `  a \t b  `                | a·b
                    'a b' c                     | a b·c
                    "a b" c                     | a b·c
                    a\\ b                       | a b
                    --x='y z'"w v"              | --x=y zw v
                    '\\n "'                     | \\n "
                    "\\$x \\` \\" \\\\ \\n '"   | $x \\` " \\ \\n '
                    $HOME ~ *.py #c; a && b     | $HOME·~·*.py·#c;·a·&&·b
                    \\'                         | '
                    a '' ""                     | a··
                    """)
    void splitsAsAShellDoesWithoutExpandingAnything(String text, String words) throws UsageException {
        assertThat(ShellWords.split("--entrypoint", text.replace("\\`", "`")))
                .containsExactly(words.replace("\\`", "`").split("·", -1));
    }

    @Test
    void joinsLinesThatEndWithABackslash() throws UsageException {
        assertThat(ShellWords.split("--entrypoint", "a\\\nb c \"d\\\ne\"\nf")).containsExactly("ab", "c", "de", "f");
    }

    @Test
    void hasNoWordsInNothing() throws UsageException {
        assertThat(ShellWords.split("--entrypoint", " \n\t")).isEmpty();
    }

    @Test
    void refusesWhatIsNotClosed() {
        for (var text : List.of("a 'b", "a \"b", "a\\")) {
            assertThatThrownBy(() -> ShellWords.split("--entrypoint", text))
                    .isInstanceOf(UsageException.class)
                    .hasMessageStartingWith("--entrypoint \"" + text + "\" is invalid: ");
        }
    }
}
