package io.agenttier.cli.command;

import io.agenttier.cli.json.JsonWriter;
import io.agenttier.cli.transport.Content;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Body of POST {@code configure}, whose files are read only while it is sent. */
final class ConfigureBody implements Content {
    private final List<Content> parts = new ArrayList<>();

    /** @param rest what is not {@code files} */
    ConfigureBody(List<ConfigureFile> files, Map<String, Object> rest) {
        var text = new StringBuilder("{");
        for (int i = 0; i < files.size(); i++) {
            text.append(i == 0 ? "\"files\":[" : ",")
                    .append("{\"path\":")
                    .append(JsonWriter.compact(files.get(i).remote()))
                    .append(",\"contentBase64\":\"");
            add(text);
            parts.add(files.get(i));
            text = new StringBuilder("\"}");
        }
        if (!files.isEmpty()) {
            text.append(rest.isEmpty() ? "]" : "],");
        }
        add(text.append(JsonWriter.compact(rest).substring(1)));
    }

    private void add(StringBuilder text) {
        parts.add(Content.of(text.toString().getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public long length() {
        return parts.stream().mapToLong(Content::length).sum();
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        for (var part : parts) {
            part.writeTo(out);
        }
    }
}
