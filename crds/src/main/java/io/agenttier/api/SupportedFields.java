package io.agenttier.api;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which set fields ask for behaviour that is not built. Such a field is told to its user, never ignored. A value that asks for nothing (false,
 * an empty text or list) does not count as set.
 */
public final class SupportedFields {
    private final List<String> unsupported = new ArrayList<>();

    private SupportedFields() {}

    /** Paths of the unsupported fields of an effective spec, such as {@code spec.sidecars}, in schema order. */
    public static List<String> unsupported(SandboxSpec effective) {
        var found = new SupportedFields();
        found.spec(effective);
        return List.copyOf(found.unsupported);
    }

    private void spec(SandboxSpec spec) {
        storage(spec.storage());
        for (var credential : spec.credentials()) {
            if ("session".equals(credential.mountAs()))
                unsupported.add("spec.credentials[" + credential.secretName() + "].mountAs");
        }
        sharing(spec.sharing());
        check("spec.cloneFromSnapshot", spec.cloneFromSnapshot());
    }

    private void storage(@Nullable Storage storage) {
        if (storage != null) check("spec.storage.snapshotOnStop", storage.snapshotOnStop());
    }

    private void sharing(@Nullable Sharing sharing) {
        if (sharing == null) return;
        check("spec.sharing.users", sharing.users());
        check("spec.sharing.groups", sharing.groups());
        check("spec.sharing.shareLinks", sharing.shareLinks());
    }

    private void check(String path, @Nullable Object value) {
        var asksForNothing = switch (value) {
            case null -> true;
            case Boolean flag -> !flag;
            case String text -> text.isEmpty();
            case Collection<?> items -> items.isEmpty();
            default -> false;
        };
        if (!asksForNothing) unsupported.add(path);
    }
}
