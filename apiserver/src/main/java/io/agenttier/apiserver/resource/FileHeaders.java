package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.sandboxd.Download;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/** Header fields that pass between a caller and the daemon: a list of those allowed, each with the form it must have. */
final class FileHeaders {
    private static final Map<String, String> FROM_POD = Map.of(
            "ETag", "(?:W/)?\"[\\x21\\x23-\\x7e]{0,128}\"",
            "Last-Modified", "[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT",
            "Content-Range", "bytes [0-9]{1,18}-[0-9]{1,18}/[0-9]{1,18}",
            "AgentTier-File-Mode", "[0-7]{1,6}");
    private static final int CONDITION_CHARS = 1024;
    private static final int NAME_CHARS = 255;

    private FileHeaders() {}

    /** The conditions of a call that the daemon judges. A range of several parts is left out: the answer is then the whole file. */
    static Map<String, String> conditions(Call call, String... names) {
        var conditions = new LinkedHashMap<String, String>();
        for (var name : names) {
            var value = call.header(name.toLowerCase(java.util.Locale.ROOT));
            if (value.isEmpty()) {
                continue;
            }
            if (!value.get().matches("[\\x20-\\x7e]{1,%d}".formatted(CONDITION_CHARS))) {
                throw Parameters.bad("header %s is malformed: expected 1 to %d printable ASCII characters"
                        .formatted(name, CONDITION_CHARS));
            }
            if (!name.equals("Range") || value.get().indexOf(',') < 0) {
                conditions.put(name, value.get());
            }
        }
        return conditions;
    }

    /** What a caller may know of a file, without its length. */
    static Map<String, String> of(Download file, String path) {
        var headers = new LinkedHashMap<String, String>();
        headers.put("Content-Type", "application/octet-stream");
        headers.put("X-Content-Type-Options", "nosniff");
        headers.put("Content-Disposition", disposition(path));
        headers.put("Accept-Ranges", "bytes");
        FROM_POD.forEach((name, form) -> file.field(name.toLowerCase(java.util.Locale.ROOT))
                .filter(value -> value.matches(form))
                .ifPresent(value -> headers.put(name, value)));
        return headers;
    }

    static OptionalLong length(Download file) {
        return Parameters.number(file.field("content-length").orElse(""));
    }

    /** Always a download, under the last part of its path. */
    static String disposition(String path) {
        var last = lastPart(path);
        return attachment(last.isEmpty() ? "file" : last.substring(0, Math.min(last.length(), NAME_CHARS)));
    }

    /** An archive is named like its folder, that of the root like the sandbox. */
    static String archiveDisposition(String path, String sandbox, String format) {
        var last = lastPart(path);
        var name = last.isEmpty() ? sandbox : last.substring(0, Math.min(last.length(), NAME_CHARS));
        return attachment(name + "." + format);
    }

    private static String lastPart(String path) {
        var trimmed = path.replaceFirst("/+$", "");
        return trimmed.substring(trimmed.lastIndexOf('/') + 1);
    }

    private static String attachment(String name) {
        var ascii = name.replaceAll("[^A-Za-z0-9._ -]", "_");
        var exact = URLEncoder.encode(name, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A");
        return "attachment; filename=\"%s\"; filename*=UTF-8''%s".formatted(ascii, exact);
    }
}
