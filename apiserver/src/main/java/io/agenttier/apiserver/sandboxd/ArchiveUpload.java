package io.agenttier.apiserver.sandboxd;

import java.util.Optional;

/**
 * An archive to extract, or a part of one.
 *
 * @param path the folder it goes to; empty for the root
 * @param format {@code zip}, {@code tar} or {@code tar.gz}
 * @param part empty when it comes as a whole
 * @param maxBytes of the whole archive
 */
public record ArchiveUpload(String path, String format, Optional<Part> part, long maxBytes) {
    /**
     * Which part.
     *
     * @param upload id chosen by the client
     * @param offset of the first byte
     * @param last the archive ends with it
     */
    public record Part(String upload, long offset, boolean last) {}

    Request request() {
        var target = new StringBuilder("/v1/archive?path=")
                .append(Request.encode(path))
                .append("&format=")
                .append(Request.encode(format))
                .append("&maxBytes=")
                .append(maxBytes);
        part.ifPresent(p -> target.append("&upload=")
                .append(Request.encode(p.upload()))
                .append("&offset=")
                .append(p.offset())
                .append("&final=")
                .append(p.last()));
        return Request.of("PUT", target.toString(), Operation.ARCHIVE_WRITE);
    }
}
