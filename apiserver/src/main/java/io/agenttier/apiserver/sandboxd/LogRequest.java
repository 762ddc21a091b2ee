package io.agenttier.apiserver.sandboxd;

import java.util.Optional;

/**
 * Output of a process.
 *
 * @param process id, or a name in the present incarnation
 * @param stream one stream, or both in order of arrival
 * @param offset of the first byte, counted in that view
 * @param follow go on until the exit record
 */
public record LogRequest(String process, Optional<Stream> stream, long offset, boolean follow) {
    String target() {
        var target = new StringBuilder("/v1/processes/")
                .append(Request.encode(process))
                .append("/log?offset=")
                .append(offset);
        stream.ifPresent(s -> target.append("&stream=").append(s.text()));
        if (follow) {
            target.append("&follow=true");
        }
        return target.toString();
    }
}
