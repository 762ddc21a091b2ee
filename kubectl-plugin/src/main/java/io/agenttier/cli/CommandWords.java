package io.agenttier.cli;

import io.agenttier.cli.command.Commands;
import io.agenttier.cli.command.GlobalOptions;
import java.util.ArrayList;
import java.util.List;

/**
 * A command line taken apart before its options are read.
 *
 * @param name for example {@code exec} or {@code files get}; empty if there is none
 * @param options all words but the name, up to {@code --} where a program follows
 */
record CommandWords(String name, List<String> options) {
    /** The name is the first word that is neither an option nor the value of a global one. */
    static CommandWords of(List<String> words) {
        var options = new ArrayList<String>();
        var name = "";
        int i = 0;
        for (; i < words.size(); i++) {
            var word = words.get(i);
            if (word.equals("--")) {
                break;
            }
            if (word.startsWith("-")) {
                options.add(word);
                if (GlobalOptions.takesNextWord(word) && i + 1 < words.size()) {
                    options.add(words.get(++i));
                }
            } else if (name.isEmpty() || Commands.isGroup(name)) {
                name = name.isEmpty() ? word : name + " " + word;
                if (!Commands.isGroup(name)) {
                    i++;
                    break;
                }
            }
        }
        options.addAll(words.subList(Math.min(i, words.size()), words.size()));
        return new CommandWords(name, List.copyOf(options));
    }
}
