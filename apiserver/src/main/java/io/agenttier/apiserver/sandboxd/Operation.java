package io.agenttier.apiserver.sandboxd;

/** What a token allows, claim {@code op}; one for each group of endpoints. */
enum Operation {
    EXEC("exec"),
    ATTACH("attach"),
    LOG("log"),
    PROCESSES("processes"),
    SIGNAL("signal"),
    FILES_READ("files.read"),
    FILES_WRITE("files.write"),
    ARCHIVE_READ("archive.read"),
    ARCHIVE_WRITE("archive.write"),
    PORTS("ports"),
    CONFIGURE("configure");

    private final String claim;

    Operation(String claim) {
        this.claim = claim;
    }

    String claim() {
        return claim;
    }
}
