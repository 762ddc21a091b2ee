package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError.Cause;
import io.agenttier.apiserver.resource.SandboxConfigureRequest.File;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** From the body of a configure to a configuration, or to everything that is wrong with it. Pure. */
final class ConfigureRules {
    private static final String REQUIRED = "FieldValueRequired";
    private static final String INVALID = "FieldValueInvalid";
    private static final String FORBIDDEN = "FieldValueForbidden";
    private static final String DUPLICATE = "FieldValueDuplicate";

    private ConfigureRules() {}

    sealed interface Checked {
        record Good(Configuration configuration) implements Checked {}

        /** @param causes one each field that is wrong; not empty */
        record Bad(List<Cause> causes) implements Checked {}
    }

    /** @param usualInstall installs where files come without an install of their own: {@code harness.agent.installCommand} */
    static Checked check(SandboxConfigureRequest request, List<String> usualInstall) {
        var causes =
                new ArrayList<>(DocumentType.check(request.apiVersion(), request.kind(), SandboxConfigureRequest.KIND));
        checkFiles(request.files(), causes);
        var install = install(request, usualInstall, causes);
        var entrypoint = argv("entrypoint", request.entrypoint(), causes);
        if (request.files().isEmpty() && install.isEmpty() && entrypoint.isEmpty() && causes.isEmpty()) {
            causes.add(new Cause(
                    REQUIRED, "files", "give at least one of files, installCommand or installScript, and entrypoint"));
        }
        return causes.isEmpty()
                ? new Checked.Good(new Configuration(request.files(), install, entrypoint))
                : new Checked.Bad(List.copyOf(causes));
    }

    private static List<String> install(SandboxConfigureRequest request, List<String> usual, List<Cause> causes) {
        var command = argv("installCommand", request.installCommand(), causes);
        var script = request.installScript() == null ? "" : request.installScript();
        if (!command.isEmpty() && !script.isEmpty()) {
            causes.add(
                    new Cause(FORBIDDEN, "installScript", "may not be given together with installCommand: choose one"));
        }
        if (script.indexOf('\0') >= 0) {
            causes.add(new Cause(INVALID, "installScript", "holds a NUL character, which no argument can"));
        }
        if (!script.isEmpty()) {
            return List.of("sh", "-c", script);
        }
        return command.isEmpty() && !request.files().isEmpty() ? usual : command;
    }

    private static List<String> argv(String field, @Nullable List<String> argv, List<Cause> causes) {
        if (argv == null) {
            return List.of();
        }
        for (int i = 0; i < argv.size(); i++) {
            var at = "%s[%d]".formatted(field, i);
            if (i == 0 && argv.get(i).isEmpty()) {
                causes.add(new Cause(REQUIRED, at, "is empty, expected the program to run"));
            } else if (argv.get(i).indexOf('\0') >= 0) {
                causes.add(new Cause(INVALID, at, "holds a NUL character, which no argument can"));
            }
        }
        return argv;
    }

    private static void checkFiles(List<File> files, List<Cause> causes) {
        var paths = new HashSet<String>();
        for (int i = 0; i < files.size(); i++) {
            var at = "files[%d]".formatted(i);
            var file = files.get(i);
            checkPath(at + ".path", file.path(), causes);
            if (!paths.add(file.path())) {
                causes.add(new Cause(
                        DUPLICATE, at + ".path", "\"%s\" is there twice".formatted(Parameters.printable(file.path()))));
            }
            if (file.twice()) {
                causes.add(new Cause(
                        FORBIDDEN, at + ".contentBase64", "may not be given together with content: choose one"));
            } else if (file.content() == null) {
                causes.add(new Cause(REQUIRED, at + ".content", "give content, or contentBase64 for what is no text"));
            }
        }
    }

    private static void checkPath(String at, String path, List<Cause> causes) {
        var shown = Parameters.printable(path);
        if (!path.startsWith("/")) {
            causes.add(
                    new Cause(INVALID, at, "\"%s\": expected an absolute path below the workspace".formatted(shown)));
        } else if (path.length() > FileRules.PATH_CHARS || path.indexOf('\0') >= 0) {
            causes.add(new Cause(
                    INVALID,
                    at,
                    "has %d characters or a NUL, expected at most %d without one"
                            .formatted(path.length(), FileRules.PATH_CHARS)));
        } else if (List.of(path.split("/", -1)).contains("..")) {
            causes.add(new Cause(INVALID, at, "\"%s\": expected no \"..\" in it".formatted(shown)));
        }
    }
}
