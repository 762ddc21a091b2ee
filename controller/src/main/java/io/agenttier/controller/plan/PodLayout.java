package io.agenttier.controller.plan;

/** Names and places inside a sandbox's pod: the protocol page's table "What stands in the pod". */
final class PodLayout {
    static final String BINARY_FOLDER = "/.agenttier/bin";
    static final String BINARY = BINARY_FOLDER + "/sandboxd";
    static final String RUN_FOLDER = "/.agenttier/run";
    static final String SPOOL_FOLDER = "/.agenttier/spool";
    static final String FILES_FOLDER = "/.agenttier/files";
    static final String KEY_VARIABLE = "AGENTTIER_TLS_KEY";
    /** Before the name of a variable that sandboxd gives to installations and invocations only. */
    static final String AGENT_VARIABLE_PREFIX = "AGENTTIER_AGENT_ENV_";

    static final String INSTALLER = "agenttier-install";
    static final int PORT = 9000;

    static final String VOLUME_WORKSPACE = "workspace";
    static final String VOLUME_TMP = "tmp";
    static final String VOLUME_BINARY = "agenttier-bin";
    static final String VOLUME_RUN = "agenttier-run";
    static final String VOLUME_SPOOL = "agenttier-spool";
    static final String VOLUME_FILES = "agenttier-files";
    /** Followed by the number of the credential. */
    static final String VOLUME_CREDENTIAL = "agenttier-credential-";

    /** The user and group of everything in a sandbox. */
    static final long USER = 1000;

    private PodLayout() {}
}
