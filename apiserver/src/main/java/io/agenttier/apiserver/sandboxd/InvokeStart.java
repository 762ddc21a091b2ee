package io.agenttier.apiserver.sandboxd;

import io.agenttier.apiserver.codec.Json;

/**
 * An invocation to start, class {@code inv}.
 *
 * @param process what runs; without a name of its own
 * @param cap most invocations that may run at the same time, this one included; 0 for any number
 * @param configuration which configuration the caller knows, a number that grows with each; 0 if there is none. With one that is outdated
 *     nothing starts
 * @param key 16 hex digits that become part of its id, so that the same key is the same invocation; empty for a random id
 */
public record InvokeStart(StartRequest process, int cap, long configuration, String key) {
    byte[] json() {
        var json = process.fields();
        json.put("class", "inv");
        if (cap > 0) {
            json.put("cap", cap);
        }
        if (configuration > 0) {
            json.put("configured", configuration);
        }
        if (!key.isEmpty()) {
            json.put("key", key);
        }
        return Json.write(json);
    }
}
