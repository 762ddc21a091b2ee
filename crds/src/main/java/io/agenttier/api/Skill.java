package io.agenttier.api;

/**
 * A skill for the agent, written to .agenttier/skills/&lt;name&gt; below storage.mountPath.
 *
 * @param name Name of the skill and of its file.
 * @param content The text of the skill.
 */
public record Skill(String name, TextSource content) {
    public Skill {
        name = Wire.text(name);
        content = Wire.orElse(content, TextSource.EMPTY);
    }
}
