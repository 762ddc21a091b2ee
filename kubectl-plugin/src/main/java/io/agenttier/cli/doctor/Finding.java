package io.agenttier.cli.doctor;

/**
 * What one check came to.
 *
 * @param check its name, for example {@code apiservice}
 * @param message what was seen
 * @param next what to do; empty where all is well
 */
public record Finding(String check, Level level, String message, String next) {
    /** From good to bad. */
    public enum Level {
        OK,
        WARN,
        FAIL;

        /** As it is shown. */
        public String word() {
            return switch (this) {
                case OK -> "ok";
                case WARN -> "warn";
                case FAIL -> "fail";
            };
        }
    }

    static Finding ok(String check, String message) {
        return new Finding(check, Level.OK, message, "");
    }

    static Finding warn(String check, String message, String next) {
        return new Finding(check, Level.WARN, message, next);
    }

    static Finding fail(String check, String message, String next) {
        return new Finding(check, Level.FAIL, message, next);
    }
}
