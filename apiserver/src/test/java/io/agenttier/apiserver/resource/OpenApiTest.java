package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.DeclaredPort;
import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.discovery.Readiness;
import io.agenttier.apiserver.discovery.ServedPaths;
import io.agenttier.apiserver.route.Incoming;
import io.agenttier.apiserver.route.Subresource;
import io.agenttier.apiserver.sandboxd.PodBound;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import io.agenttier.apiserver.telemetry.Metrics;
import io.swagger.parser.SwaggerParser;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the served OpenAPI documents say, against a validator and against the code. */
class OpenApiTest {
    private static final String V3 = "/openapi/v3/apis/agenttier.io/subresources-v1alpha1";
    private static final String V2 = "/openapi/v2";
    private static final Path CODE = Path.of("src/main/java/io/agenttier/apiserver/resource");
    /** Places that read a parameter of the call, by its name. */
    private static final Pattern READ = Pattern.compile(
            "(?:parameter|flag|count|matching|extent|isNotRefused)\\(\\s*(?:call,\\s*)?\"([a-zA-Z]+)\"|query\\(\\)\\.getOrDefault\\(\"([a-zA-Z]+)\"");
    /** Read only to be refused with a sentence. */
    private static final Set<String> REFUSED = Set.of("share");

    private static List<Subresource> subresources() {
        var sandboxes = new FakeSandboxes();
        var clock = InstantSource.system();
        var power = new Power() {
            @Override
            public void stop(SandboxState state, String by) {}

            @Override
            public void resume(SandboxState state, String by, Instant startRequestedAt, boolean newVolume) {}
        };
        var ports = new Ports() {
            @Override
            public Optional<PortSet> live(String namespace, String name) {
                return Optional.empty();
            }

            @Override
            public boolean apply(PortSet set, List<DeclaredPort> own) {
                return false;
            }
        };
        return SandboxSubresources.all(
                sandboxes,
                power,
                ports,
                null,
                new SandboxdClient(Optional::empty, clock, new PodBound(100, () -> {})),
                (_, _, _, _, _) -> true,
                ResourceLimits.DEFAULT,
                new MemoryBudget(64 << 20, Duration.ZERO, () -> {}),
                clock,
                new Activity(sandboxes, (_, _) -> {}, clock),
                new SandboxEvents(sandboxes, (_, _, _, _, _) -> {}, clock),
                Duration.ofSeconds(1),
                new FakeAgentRecords(),
                AgentLimits.DEFAULT,
                new Metrics().agent());
    }

    private static String served(String path) {
        var paths = new ServedPaths(subresources(), new Readiness(Map.of()), new Metrics(), "0.1.0");
        var incoming = new Incoming("GET", path, Map.of(), List.of(), "", Instant.EPOCH);
        var answer = paths.guarded(path).orElseThrow().serve(incoming, Map.of());
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    /** What the validator has to say; empty if all is well. */
    private static List<String> complaints(String path, String document) {
        if (path.equals(V2)) {
            return new SwaggerParser().readWithInfo(document).getMessages();
        }
        var options = new ParseOptions();
        options.setResolve(true);
        return new OpenAPIV3Parser().readContents(document, List.of(), options).getMessages();
    }

    @ParameterizedTest
    @ValueSource(strings = {V3, V2})
    void isValid(String path) {
        assertThat(complaints(path, served(path))).isEmpty();
    }

    /** A validator that never complains proves nothing. */
    @ParameterizedTest
    @ValueSource(strings = {V3, V2})
    void isNotValidOnceItIsBroken(String path) {
        var document = served(path);
        assertThat(complaints(path, document.replaceFirst("\"responses\"", "\"answers\"")))
                .isNotEmpty();
        if (path.equals(V3)) {
            // the one for v2 takes these
            assertThat(complaints(path, document.replaceFirst("\"in\":\"query\"", "\"in\":\"nowhere\"")))
                    .isNotEmpty();
            assertThat(complaints(path, document.replaceFirst("\"info\"", "\"about\"")))
                    .isNotEmpty();
        }
    }

    @Test
    void givesEveryOperationAnIdOfItsOwn() throws Exception {
        for (var path : List.of(V3, V2)) {
            var ids = Pattern.compile("\"operationId\":\"([^\"]+)\"")
                    .matcher(served(path))
                    .results()
                    .map(match -> match.group(1))
                    .toList();
            assertThat(ids).doesNotHaveDuplicates().hasSizeGreaterThan(10);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {V3, V2})
    void describesExactlyTheMethodsThatAreServed(String path) throws Exception {
        var expected = new TreeMap<String, Set<String>>();
        for (var subresource : subresources()) {
            expected.put(
                    subresource.name(),
                    subresource.methods().stream()
                            .filter(method -> !method.equals("HEAD"))
                            .map(method -> method.toLowerCase(Locale.ROOT))
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
        var described = new TreeMap<String, Set<String>>();
        operations(path).forEach((name, methods) -> described.put(name, new TreeSet<>(methods.keySet())));
        assertThat(described).isEqualTo(expected);
    }

    /** A file of the code that is named after a subresource reads what that documents; what several share, one of them does. */
    @Test
    void documentsEveryParameterThatIsRead() throws Exception {
        var documented = parameters(V3);
        assertThat(parameters(V2)).isEqualTo(documented);
        var anywhere = documented.values().stream().flatMap(Collection::stream).collect(Collectors.toSet());
        reads().forEach((file, names) -> assertThat(subresourceOf(file, documented.keySet())
                        .map(documented::get)
                        .orElse(anywhere))
                .as(file)
                .containsAll(names));
    }

    @Test
    void readsEveryParameterThatIsDocumented() throws Exception {
        var documented = parameters(V3);
        var reads = reads();
        documented.forEach((subresource, names) -> {
            var read = reads.entrySet().stream()
                    .filter(file -> subresourceOf(file.getKey(), documented.keySet())
                            .map(subresource::equals)
                            .orElse(true))
                    .flatMap(file -> file.getValue().stream())
                    .collect(Collectors.toSet());
            assertThat(read).as(subresource).containsAll(names);
        });
    }

    private static Optional<String> subresourceOf(String file, Set<String> subresources) {
        return subresources.stream()
                .filter(name -> file.toLowerCase(Locale.ROOT).equals(name + "resource.java"))
                .findFirst();
    }

    /** Names of parameters by the file that reads them; files without any are left out. */
    private static Map<String, Set<String>> reads() throws IOException {
        var reads = new TreeMap<String, Set<String>>();
        try (var files = Files.list(CODE)) {
            for (var file : files.toList()) {
                READ.matcher(Files.readString(file))
                        .results()
                        .map(match -> match.group(1) == null ? match.group(2) : match.group(1))
                        .filter(name -> !REFUSED.contains(name))
                        .forEach(
                                name -> reads.computeIfAbsent(file.getFileName().toString(), _ -> new TreeSet<>())
                                        .add(name));
            }
        }
        assertThat(reads).as("files of the code that read parameters").hasSizeGreaterThan(5);
        return reads;
    }

    /** Names of query parameters by subresource. */
    private static Map<String, Set<String>> parameters(String path) throws Exception {
        var parameters = new TreeMap<String, Set<String>>();
        operations(path).forEach((subresource, methods) -> {
            var names = parameters.computeIfAbsent(subresource, _ -> new TreeSet<>());
            for (var operation : methods.values()) {
                for (var parameter : list(map(operation).get("parameters"))) {
                    if ("query".equals(map(parameter).get("in"))) {
                        names.add(String.valueOf(map(parameter).get("name")));
                    }
                }
            }
        });
        return parameters;
    }

    /** Operations by subresource and lower-case method. */
    private static Map<String, Map<String, Object>> operations(String path) throws Exception {
        var operations = new TreeMap<String, Map<String, Object>>();
        var document = Json.object(served(path).getBytes(StandardCharsets.UTF_8));
        map(document.get("paths")).forEach((key, methods) -> {
            var text = String.valueOf(key);
            var named = new TreeMap<String, Object>();
            map(methods).forEach((method, operation) -> named.put(String.valueOf(method), operation));
            operations
                    .computeIfAbsent(text.replaceFirst(".*/\\{name}/([a-z]+).*", "$1"), _ -> new TreeMap<>())
                    .putAll(named);
        });
        return operations;
    }

    private static Map<?, ?> map(@Nullable Object json) {
        return (Map<?, ?>) Objects.requireNonNull(json);
    }

    private static List<?> list(@Nullable Object json) {
        return (List<?>) Objects.requireNonNull(json);
    }
}
