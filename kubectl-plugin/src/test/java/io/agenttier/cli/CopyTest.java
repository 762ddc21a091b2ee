package io.agenttier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.cli.fake.Call;
import io.agenttier.cli.fake.Cluster;
import io.agenttier.cli.fake.FakeApiServer;
import io.agenttier.cli.fake.Reply;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyTest {
    private final Map<String, String> listings = new ConcurrentHashMap<>();
    private final Map<String, String> written = new ConcurrentHashMap<>();
    private final Queue<String> made = new ConcurrentLinkedQueue<>();
    private final Semaphore hands = new Semaphore(4);
    private Path folder;
    private FakeApiServer server;
    private CliRun cli;

    @BeforeEach
    void start(@TempDir Path temporary) throws Exception {
        folder = temporary;
        server = new FakeApiServer().answering(this::answer);
        cli = new CliRun(Cluster.kubeconfig(folder, server));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private void answer(Call call, Reply reply) throws Exception {
        var path = URLDecoder.decode(call.query("path"), StandardCharsets.UTF_8);
        if (call.method().equals("PUT")) {
            var time = URLDecoder.decode(call.query("mtime"), StandardCharsets.UTF_8);
            written.put("%s %s %s".formatted(path, call.query("mode"), time), call.text());
            reply.json(201, "{}");
        } else if (call.method().equals("POST")) {
            made.add(call.text());
            reply.json(200, "{}");
        } else if (call.query("stat").equals("true")) {
            if (path.equals("tree")) {
                reply.json(200, entry("tree", true, "0755", ""));
            } else {
                reply.status(404, "NotFound", "it does not exist");
            }
        } else if (call.query("list").equals("true")) {
            var more = call.query("continue");
            reply.json(200, listings.get(more.isEmpty() ? path : path + " " + more));
        } else {
            assertThat(hands.tryAcquire()).as("at most four at once").isTrue();
            try {
                reply.whole(
                        200,
                        "Content-Type: application/octet-stream\r\nAgentTier-File-Mode: 0640",
                        path.getBytes(StandardCharsets.UTF_8));
            } finally {
                hands.release();
            }
        }
    }

    private static String entry(String name, boolean isDir, String mode, String link) {
        return """
                {"name":"%s","isDir":%s,"mode":"%s","modifiedAt":"2026-01-02T03:04:05.123456Z"%s}""".formatted(name, isDir, mode, link.isEmpty() ? "" : ",\"linkTarget\":\"" + link + "\"");
    }

    private static String page(String more, String... entries) {
        return "{\"entries\":[%s],\"continue\":\"%s\"}".formatted(String.join(",", entries), more);
    }

    @Test
    void aFolderComesWithAllPagesModesTimesAndInnerLinks() throws Exception {
        listings.put("tree", page("p2", entry("a", false, "0640", ""), entry("sub", true, "0500", "")));
        listings.put("tree p2", page("", entry("b", false, "0640", "")));
        listings.put("tree/sub", page("", entry("c", false, "0640", ""), entry("up", false, "0777", "../a")));

        assertThat(cli.run("cp", "web:tree", folder.resolve("copy").toString())).isZero();

        var copy = folder.resolve("copy");
        assertThat(copy.resolve("a")).hasContent("tree/a");
        assertThat(copy.resolve("b")).hasContent("tree/b");
        assertThat(copy.resolve("sub/c")).hasContent("tree/sub/c");
        assertThat(Files.readSymbolicLink(copy.resolve("sub/up"))).isEqualTo(Path.of("../a"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy.resolve("a"))))
                .isEqualTo("rw-r-----");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy.resolve("sub"))))
                .isEqualTo("r-x------");
        var time = Instant.parse("2026-01-02T03:04:05.123456Z");
        assertThat(Files.getLastModifiedTime(copy.resolve("sub/c")).toInstant()).isEqualTo(time);
        assertThat(Files.getLastModifiedTime(copy.resolve("sub")).toInstant()).isEqualTo(time);
        Files.setPosixFilePermissions(copy.resolve("sub"), PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void nothingThatASandboxSaysLeadsOutOfTheCopy() throws Exception {
        listings.put(
                "tree",
                page(
                        "",
                        entry("../evil", false, "0644", ""),
                        entry("..", true, "0755", ""),
                        entry("out", false, "0777", "../../etc"),
                        entry("root", false, "0777", "/etc/passwd"),
                        entry("good", false, "0644", "")));

        assertThat(cli.run("cp", "web:tree", folder.resolve("copy").toString())).isEqualTo(1);

        try (var all = Files.list(folder.resolve("copy"))) {
            assertThat(all.map(file -> file.getFileName().toString())).containsExactly("good");
        }
        assertThat(folder.resolve("evil")).doesNotExist();
        assertThat(cli.stderr()).contains("4 not copied").contains("a link to /etc/passwd, outside of what is copied");
    }

    @Test
    void aFolderIsNotWrittenThroughALocalLink() throws Exception {
        listings.put("tree", page("", entry("sub", true, "0755", "")));
        Files.createDirectories(folder.resolve("copy/tree"));
        Files.createSymbolicLink(folder.resolve("copy/tree/sub"), folder);

        assertThat(cli.run("cp", "web:tree", folder.resolve("copy").toString())).isEqualTo(1);
        assertThat(cli.stderr()).contains("is a link here");
    }

    @Test
    void uploadsKeepModesTimesAndEmptyFolders() throws Exception {
        var from = Files.createDirectories(folder.resolve("from/sub"));
        Files.createDirectory(from.resolve("empty"));
        for (var name : List.of("run", "-dash", "two\nlines", "ü✓", "back\\slash")) {
            var file = Files.writeString(from.resolve(name), "x");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x---"));
            Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2001-02-03T04:05:06.789Z")));
        }
        for (var directory : List.of("empty", ".", "..")) {
            var place = from.resolve(directory);
            Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-x--x"));
            Files.setLastModifiedTime(place, FileTime.from(Instant.parse("1999-01-01T00:00:00Z")));
        }

        assertThat(cli.run("cp", folder.resolve("from").toString(), "web:tree")).isZero();

        var properties = " 0750 2001-02-03T04:05:06.789Z";
        assertThat(written)
                .containsOnlyKeys(
                        "tree/from/sub/run" + properties,
                        "tree/from/sub/-dash" + properties,
                        "tree/from/sub/two\nlines" + properties,
                        "tree/from/sub/ü✓" + properties,
                        "tree/from/sub/back\\slash" + properties);
        var rest = "\",\"mode\":\"0751\",\"mtime\":\"1999-01-01T00:00:00Z\"}";
        assertThat(made)
                .as("the deepest first")
                .containsExactly(
                        "{\"operation\":\"mkdir\",\"path\":\"tree/from/sub/empty" + rest,
                        "{\"operation\":\"mkdir\",\"path\":\"tree/from/sub" + rest,
                        "{\"operation\":\"mkdir\",\"path\":\"tree/from" + rest);
    }

    @Test
    void aFolderThatTakesContentKeepsItsOwnProperties() throws Exception {
        Files.createDirectories(folder.resolve("from/sub"));
        assertThat(cli.run("cp", folder.resolve("from") + "/.", "web:tree")).isZero();
        assertThat(made).singleElement().asString().contains("\"path\":\"tree/sub\"");
    }

    @Test
    void uploadsSayWhatTheyLeaveOut() throws Exception {
        var from = Files.createDirectories(folder.resolve("from"));
        Files.createSymbolicLink(from.resolve("li\u001bnk"), Path.of("run"));
        assertThat(cli.run("cp", from.toString(), "web:tree")).isEqualTo(1);
        assertThat(cli.stderr()).isEqualTo("""
                        %s/li?nk: a link to run, which the files API cannot make
                        1 not copied
                        """.formatted(from));
    }

    @Test
    void aLinkThatIsNamedItselfIsFollowed() throws Exception {
        Files.writeString(Files.createDirectories(folder.resolve("real")).resolve("a"), "x");
        Files.createSymbolicLink(folder.resolve("link"), Path.of("real"));
        assertThat(cli.run("cp", folder.resolve("link").toString(), "web:new")).isZero();
        assertThat(written.keySet()).singleElement().asString().startsWith("new/a ");
    }

    @Test
    void needsExactlyOneSandbox() {
        assertThat(cli.run("cp", "a", "b")).isEqualTo(2);
        assertThat(cli.run("cp", "web:a", "db:b")).isEqualTo(2);
        assertThat(server.calls()).isEmpty();
    }
}
