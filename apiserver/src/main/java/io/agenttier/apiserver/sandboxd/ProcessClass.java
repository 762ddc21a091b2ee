package io.agenttier.apiserver.sandboxd;

/** What a process is for. It decides who may read its output. */
public enum ProcessClass {
    EXEC("exec", "exec"),
    INVOKE("inv", "invoke"),
    TERMINAL("term", "terminal"),
    INSTALL("install", "install"),
    HOOK("hook", "hook"),
    ARCHIVE("arch", "archive");

    private final String wire;
    private final String text;

    ProcessClass(String wire, String text) {
        this.wire = wire;
        this.text = text;
    }

    /** The word of the API, for example {@code terminal}. */
    public String text() {
        return text;
    }

    /** @param wire as sandboxd says it and as ids begin, for example {@code term} */
    static ProcessClass parse(String wire) throws MisbehavedException {
        for (var known : values()) {
            if (known.wire.equals(wire)) {
                return known;
            }
        }
        throw new MisbehavedException("a process of the answer has an unknown class");
    }
}
