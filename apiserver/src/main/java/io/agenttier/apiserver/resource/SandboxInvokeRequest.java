package io.agenttier.apiserver.resource;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Body of POST {@code invoke} with content type {@value #MEDIA_TYPE}, as sent: nothing is checked yet. Absent fields are null. A body of
 * any other type is standard input as it is.
 *
 * @param prompt becomes argument {@code --prompt=…}, and standard input where none is given
 * @param args arguments after those of the entrypoint
 * @param stdin all of standard input as text; or {@code stdinBase64}
 * @param invokeTimeout a duration such as {@code 5m}, below the limit of the sandbox
 * @param onFull {@code wait} or {@code drop}
 */
public record SandboxInvokeRequest(
        @Nullable String apiVersion,
        @Nullable String kind,
        @Nullable String prompt,
        @Nullable List<@Nullable String> args,
        @Nullable String stdin,
        @Nullable String stdinBase64,
        @Nullable String invokeTimeout,
        @Nullable String onFull) {
    /** Kind in discovery and in errors. */
    public static final String KIND = "SandboxInvokeRequest";

    /** Content type of the envelope. */
    public static final String MEDIA_TYPE = "application/vnd.agenttier.invoke+json";
}
