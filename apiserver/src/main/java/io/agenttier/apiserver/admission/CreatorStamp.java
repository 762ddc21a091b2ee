package io.agenttier.apiserver.admission;

import io.agenttier.api.Creator;
import io.agenttier.apiserver.admission.AdmissionReview.Request;
import io.agenttier.apiserver.admission.AdmissionReview.Reviewed;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes {@code spec.createdBy} from who asked, and keeps what was written. Pure. */
final class CreatorStamp {
    private static final String PATH = "/spec/createdBy";

    /** Bounds of the schema. A user name beyond its own is refused there: cut short it could be somebody else's. */
    private static final int DISPLAY_NAME_CHARS = 256;

    private static final int EMAIL_CHARS = 320;
    private static final int GROUPS = 64;
    private static final int GROUP_CHARS = 256;

    /** The part of a spec that this knows, so that whatever else is wrong with it is told by the schema. */
    record Stamped(@Nullable Creator createdBy) {}

    private CreatorStamp() {}

    static Verdict review(Request<Stamped> request) {
        var object = request.object();
        var spec = object == null ? null : object.spec();
        if (spec == null) {
            // The schema refuses a sandbox without spec.
            return Verdict.allow(List.of());
        }
        return request.operation().equals("CREATE")
                ? stamp(spec.createdBy(), creator(request))
                : restore(spec.createdBy(), createdBy(request.oldObject()));
    }

    private static Verdict stamp(@Nullable Creator sent, Creator real) {
        return real.equals(sent) ? Verdict.allow(List.of()) : Verdict.patch(List.of(put(real)), List.of());
    }

    private static Verdict restore(@Nullable Creator sent, @Nullable Creator stored) {
        if (stored == null) {
            return sent == null
                    ? Verdict.allow(List.of())
                    : Verdict.patch(List.of(Map.of("op", "remove", "path", PATH)), List.of(warning("nobody")));
        }
        if (stored.equals(sent)) {
            return Verdict.allow(List.of());
        }
        var kept = "\"%s\"".formatted(stored.sub() == null ? "" : stored.sub());
        return Verdict.patch(List.of(put(stored)), sent == null ? List.of() : List.of(warning(kept)));
    }

    private static String warning(String kept) {
        return "spec.createdBy says who made the sandbox and cannot be changed: it stays " + kept;
    }

    private static @Nullable Creator createdBy(@Nullable Reviewed<Stamped> object) {
        return object == null || object.spec() == null ? null : object.spec().createdBy();
    }

    private static Creator creator(Request<Stamped> request) {
        var user = request.userInfo().user();
        var email = user.extra().getOrDefault("email", List.of()).stream()
                .findFirst()
                .filter(address -> address.length() <= EMAIL_CHARS);
        var displayName = user.name()
                .substring(0, Math.min(DISPLAY_NAME_CHARS, user.name().length()));
        // a right that comes by a group left out here does not count at a start
        var groups = user.groups().stream()
                .filter(group -> group.length() <= GROUP_CHARS)
                .limit(GROUPS)
                .toList();
        return new Creator(user.name(), email.orElse(null), displayName, groups);
    }

    private static Map<String, Object> put(Creator creator) {
        var value = new LinkedHashMap<String, Object>();
        value.put("sub", creator.sub());
        if (creator.email() != null) {
            value.put("email", creator.email());
        }
        value.put("displayName", creator.displayName());
        if (!creator.groups().isEmpty()) {
            value.put("groups", creator.groups());
        }
        return Map.of("op", "add", "path", PATH, "value", value);
    }
}
