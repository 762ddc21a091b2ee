package io.agenttier.apiserver.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths below {@code proxy}. */
class OwnPathTest {
    private static final String PROXY = Aggregator.path("namespaces/team1/sandboxes/web/proxy");

    private static RequestInfo parse(String path) {
        return RequestInfo.parse("GET", path, Set.of("proxy"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/8080",
                "/8080/",
                "/8080/a",
                "/8080/a/",
                "/8080//a//",
                "/8080/a%2Fb",
                "/8080/a;x=1/b;y",
                "/8080/%252F%252e%252e",
                "/8080/...",
                "/8080/..a/.b",
                "/8080/%e9%00%0d%0a",
                "/8080/a:b@c!$&'()*+,=-_~",
                "/8080/proxy/watch/exec",
            })
    void keepsWhatLeadsNowhereElseAsItCame(String rest) {
        assertThat(parse(PROXY + rest))
                .isEqualTo(new RequestInfo.Resource("get", "team1", "sandboxes", "web", "proxy", rest));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/8080/..",
                "/8080/../8081",
                "/8080/./a",
                "/../exec",
                "/8080/%2e%2e/a",
                "/8080/%2E./a",
                "/8080/a%2f..%2f..%2fb",
                "/8080/a%5c..%5cb",
                "/8080/..;x/a",
                "/8080/%2e%2e%3bx/a",
                "/8080/..%2f",
                "/8080/%zz",
                "/8080/%4",
                "/8080/%",
                "/8080/a b",
                "/8080/a\r\nX: y",
                "/8080/\u00e9",
                "/8080/a\\b",
                "/8080/a#b",
                "/8080/a|b",
                "/8080/{a}",
            })
    void refusesWhatWhoeverDecodesItOnceMoreCouldLeaveBy(String rest) {
        assertThat(parse(PROXY + rest)).isInstanceOf(RequestInfo.Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "namespaces/team1/sandboxes/web%2Fproxy/8080",
                "namespaces/team1/sandboxes/web/proxy%2F8080/a",
                "namespaces//sandboxes/web/proxy/8080",
                "namespaces/team1/sandboxes/../sandboxes/web/proxy/8080",
                "namespaces/team1/pods/web/proxy/8080/",
                "namespaces/team1/sandboxes/web/exec//",
            })
    void isStrictUpToItsNameAndEverywhereElse(String path) {
        assertThat(parse(Aggregator.path(path))).isInstanceOf(RequestInfo.Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"watch/namespaces/team1/sandboxes/web/proxy/8080", "proxy/namespaces/team1/sandboxes/web"})
    void servesNoPrefixOfKubeApiserversOwn(String path) {
        assertThat(parse(Aggregator.path(path))).isInstanceOf(RequestInfo.NotServed.class);
    }
}
