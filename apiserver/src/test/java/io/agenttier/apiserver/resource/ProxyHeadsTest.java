package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.resource.ProxyRequestHead.Body;
import io.agenttier.apiserver.sandboxd.HeaderLine;
import io.agenttier.apiserver.sandboxd.PortHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a request reaches a port, and what of its answer the caller. */
class ProxyHeadsTest {
    private static final Calls GET = Calls.get("proxy").target("/8080/a", "");

    private static String request(Calls calls) {
        return request(calls, new Body.None(), false);
    }

    private static String request(Calls calls, Body body, boolean upgrade) {
        var call = calls.call();
        return new String(
                ProxyRequestHead.of(call, ProxyTarget.of(call), body, upgrade, false), StandardCharsets.ISO_8859_1);
    }

    @Test
    void tellsThePortWhatWasAskedAndByWhichWay() {
        assertThat(request(Calls.of("DELETE", "proxy")
                        .target("/8080//a%2Fb;x/", "q=%20&r")
                        .header("accept", "a/b")
                        .header("x-own", "\u00e9")))
                .isEqualTo("""
                        DELETE //a%2Fb;x/?q=%20&r HTTP/1.1\r
                        Host: localhost:8080\r
                        accept: a/b\r
                        x-own: \u00e9\r
                        X-Forwarded-For: 192.0.2.7\r
                        X-Forwarded-Host: api.example:6443\r
                        X-Forwarded-Prefix: /apis/agenttier.io/subresources-v1alpha1/namespaces/team1/sandboxes/web/proxy/8080\r
                        X-Forwarded-Proto: https\r
                        Connection: close\r
                        \r
                        """);
    }

    @Test
    void takesThePortItselfForItsRoot() {
        assertThat(request(Calls.get("proxy").target("/8080", "a=b"))).startsWith("GET /?a=b HTTP/1.1\r\n");
        assertThat(request(Calls.get("proxy").target("/8080/", ""))).startsWith("GET / HTTP/1.1\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "authorization",
                "cookie",
                "x-remote-user",
                "x-remote-extra-scopes",
                "x-remote-anything",
                "impersonate-user",
                "x-forwarded-for",
                "x-forwarded-user",
                "x-forwarded-uri",
                "forwarded",
                "x-real-ip",
                "audit-id",
                "agenttier-incarnation",
                "proxy-authorization",
                "keep-alive",
                "te",
                "transfer-encoding",
                "content-length",
                "trailer",
                "upgrade",
                "http2-settings",
                "expect",
                "host",
            })
    void withholdsCredentialsIdentitiesAndWhatIsOfOneHop(String name) {
        assertThat(request(GET.header(name, "secret"))).doesNotContain("secret");
    }

    @Test
    void withholdsWhatConnectionNames() {
        assertThat(request(GET.header("connection", "close, X-Hop")
                        .header("x-hop", "secret")
                        .header("x-stays", "1")))
                .doesNotContain("secret")
                .contains("x-stays: 1\r\n");
    }

    @Test
    void framesTheBodyAnew() {
        assertThat(request(GET, new Body.Length(7), false)).contains("\r\nContent-Length: 7\r\n");
        assertThat(request(GET, new Body.Chunked(), false)).contains("\r\nTransfer-Encoding: chunked\r\n");
        assertThat(request(GET.header("te", "trailers, gzip"))).contains("\r\nTE: trailers\r\n");
    }

    @Test
    void passesTheHandshakeOfAWebSocket() {
        assertThat(request(GET.upgrade("chat, v2"), new Body.None(), true))
                .contains(
                        "sec-websocket-protocol: chat, v2\r\n", "sec-websocket-version: 13\r\n", "sec-websocket-key: ")
                .contains("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "//",
                "/http",
                "/9000/",
                "/0",
                "/65536",
                "/08080",
                "/8080x/",
                "/%38080/",
                "/10.0.0.1:80/",
                "/80@10.0.0.1/",
                "/https:8080:/"
            })
    void refusesWhatIsNoPort(String rest) {
        assertThatThrownBy(
                        () -> ProxyTarget.of(Calls.get("proxy").target(rest, "").call()))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a\r\nX: y", "a\n", "\u00e9", "a#b", "a\u0000"})
    void refusesAQueryThatCouldEndTheLine(String query) {
        assertThatThrownBy(() -> ProxyTarget.of(
                        Calls.get("proxy").target("/8080/", query).call()))
                .isInstanceOf(ApiException.class);
    }

    private static PortHead answer(int status, String... lines) {
        var parsed = new ArrayList<HeaderLine>();
        for (var line : lines) {
            int colon = line.indexOf(':');
            parsed.add(new HeaderLine(
                    line.substring(0, colon), line.substring(colon + 1).strip()));
        }
        return new PortHead(status, false, parsed);
    }

    @Test
    void joinsLinesOfOneNameAndKeepsTheLength() {
        assertThat(ProxyAnswerHead.of(
                        answer(200, "Vary: a", "X-Own: 1", "vary: b", "Content-Length: 5"),
                        new PortHead.Framing.Length(5)))
                .containsEntry("Vary", "a, b")
                .containsEntry("X-Own", "1")
                .containsEntry("Content-Length", "5");
    }

    @Test
    void tellsOfHeadAnd304WhatAGetWouldHave() {
        var none = new PortHead.Framing.None();
        assertThat(ProxyAnswerHead.of(answer(304, "Content-Length: 5"), none)).containsEntry("Content-Length", "5");
        assertThat(ProxyAnswerHead.of(answer(204, "Content-Length: 5"), none)).doesNotContainKey("Content-Length");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Set-Cookie",
                "set-cookie2",
                "Strict-Transport-Security",
                "Alt-Svc",
                "Clear-Site-Data",
                "Public-Key-Pins",
                "Service-Worker-Allowed",
                "Audit-ID",
                "AgentTier-Incarnation",
                "Keep-Alive",
                "Proxy-Authenticate",
                "Upgrade",
                "Transfer-Encoding",
                "Trailer",
                "X-Hop",
                "Content-Security-Policy",
                "X-Content-Type-Options",
            })
    void lettsNoPortSpeakForTheHost(String name) {
        assertThat(ProxyAnswerHead.of(
                                answer(200, name + ": evil", "Connection: keep-alive, X-Hop"),
                                new PortHead.Framing.Rest())
                        .values())
                .doesNotContain("evil");
    }

    @Test
    void runsNothingInABrowser() {
        assertThat(ProxyAnswerHead.of(answer(200, "Content-Security-Policy: *"), new PortHead.Framing.Rest()))
                .containsEntry("Content-Security-Policy", "sandbox")
                .containsEntry("X-Content-Type-Options", "nosniff");
    }

    @Test
    void passesTrailersThatSayNothingOfTheMessageItself() {
        assertThat(ProxyAnswerHead.trailers(List.of(
                        new HeaderLine("X-Sum", "1"),
                        new HeaderLine("Content-Length", "5"),
                        new HeaderLine("Set-Cookie", "a=b"),
                        new HeaderLine("Transfer-Encoding", "chunked"))))
                .containsOnlyKeys("X-Sum");
        assertThat(ProxyAnswerHead.of(
                        answer(200, "Trailer: X-Sum, Content-Length, a b"), new PortHead.Framing.Chunked()))
                .containsEntry("Trailer", "X-Sum");
    }
}
