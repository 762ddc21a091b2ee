package io.agenttier.e2e.integrity;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.charset.StandardCharsets;

/** The sandbox in which commands run, with what they need, and how tests look into it past all that breaks. */
record Ground(TestNamespace namespace, String sandbox, Blobs blobs) {
    /** A program has so many names, so that processes of clients that tell no id can be told apart. */
    static final int NAMES = 2000;

    /** OUT ERR END: writes so many bytes of both files at once, or what it reads, and ends with that code or signal. */
    private static final String PROGRAM = """
            #!/bin/sh
            head -c "$2" err >&2 &
            if [ "$1" = - ]; then cat; else head -c "$1" out; fi
            wait
            case $3 in
                hold) exec sleep 600 ;;
                [0-9]*) exit "$3" ;;
                *) kill -"$3" $$ ;;
            esac
            """;

    static Ground prepare(TestNamespace namespace, long seed) {
        var ground = new Ground(namespace, namespace.ready("storage: {size: 1Gi}"), Blobs.of(seed));
        ground.put("out", ground.blobs.out());
        ground.put("err", ground.blobs.err());
        ground.put("program&mode=0755", PROGRAM.getBytes(StandardCharsets.UTF_8));
        Exec.json(
                namespace,
                ground.sandbox,
                "sh",
                "-c",
                "mkdir as && i=0 && while [ $i -lt " + NAMES + " ]; do ln -s ../program as/c$i; i=$((i+1)); done");
        return ground;
    }

    private void put(String file, byte[] content) {
        var reply = namespace.api().call("PUT", path("files?path=" + file), content, "application/octet-stream");
        if (reply.code() != 201) throw new AssertionError(reply.toString());
    }

    String path(String subresource) {
        return namespace.path(sandbox, subresource);
    }

    Received stdout(Work work) {
        return new Received(blobs.out(), work.out());
    }

    Received stderr(Work work) {
        return new Received(blobs.err(), work.err());
    }
}
