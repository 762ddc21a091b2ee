package io.agenttier.apiserver.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.apiserver.auth.AccessReviewer.Decision;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AccessDecisionsTest {
    private static final User ALICE = new User("alice", "", List.of("system:authenticated"), Map.of());

    private final AtomicInteger asked = new AtomicInteger();

    @Test
    void asksOnceForManyWhoAskAtTheSameTime() throws Exception {
        var asking = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var decisions = new AccessDecisions((_, _) -> {
            asked.incrementAndGet();
            asking.countDown();
            await(go);
            return new Decision(true, "");
        });
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = new ArrayList<Future<Boolean>>();
            for (int i = 0; i < 50; i++) {
                answers.add(threads.submit(() -> decisions.allowed(ALICE, "ns", "create", "exec", "web")));
            }
            await(asking);
            go.countDown();
            for (var answer : answers) {
                assertThat(answer.get()).isTrue();
            }
        }
        assertThat(asked).hasValue(1);
    }

    @Test
    void failsAllWhoSharedAFailedReviewAndAsksAnewAfterwards() throws Exception {
        var asking = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var decisions = new AccessDecisions((_, _) -> {
            if (asked.incrementAndGet() > 1) {
                return new Decision(true, "");
            }
            asking.countDown();
            await(go);
            throw new IOException("down");
        });
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> decisions.allowed(ALICE, "ns", "create", "exec", "web"));
            await(asking);
            go.countDown();
            assertThatThrownBy(first::get)
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.Internal.class));
        }
        assertThat(decisions.allowed(ALICE, "ns", "create", "exec", "web")).isTrue();
    }

    @Test
    void remembersRefusalsToo() {
        var decisions = new AccessDecisions((_, _) -> new Decision(asked.incrementAndGet() > 1, ""));
        assertThat(decisions.allowed(ALICE, "ns", "create", "exec", "web")).isFalse();
        assertThat(decisions.allowed(ALICE, "ns", "create", "exec", "web")).isFalse();
    }

    @Test
    void doesNotRememberGiants() {
        var decisions = new AccessDecisions((_, _) -> new Decision(asked.incrementAndGet() > 0, ""));
        var giant = new User("alice", "", List.of("g".repeat(10_001)), Map.of());
        decisions.allowed(giant, "ns", "create", "exec", "web");
        decisions.allowed(giant, "ns", "create", "exec", "web");
        assertThat(asked).hasValue(2);
    }

    @Test
    void remembersNoMoreThanItsBound() {
        var decisions = new AccessDecisions((_, _) -> new Decision(asked.incrementAndGet() > 0, ""));
        int questions = 3 * 8192;
        for (int i = 0; i < questions; i++) {
            decisions.allowed(ALICE, "ns", "create", "exec", "web" + i);
        }
        assertThat(asked).hasValue(questions);
        for (int i = 0; i < questions; i++) {
            decisions.allowed(ALICE, "ns", "create", "exec", "web" + i);
        }
        // what waits for its eviction may be there a little longer
        assertThat(asked).hasValueGreaterThan(2 * questions - 8192 - 1024);
    }

    @Test
    void addsTheReasonOfTheAuthorizerToARefusal() {
        var decisions = new AccessDecisions((_, _) -> new Decision(false, "no such role"));
        var attributes = new Attributes.Resource(
                "create", "team1", "agenttier.io", "subresources-v1alpha1", "sandboxes", "exec", "foo");
        assertThatThrownBy(() -> decisions.require(ALICE, attributes))
                .hasMessage(
                        "sandboxes.agenttier.io \"foo\" is forbidden: User \"alice\" cannot create resource \"sandboxes/exec\" in "
                                + "API group \"agenttier.io\" in the namespace \"team1\": no such role");
        assertThatThrownBy(() -> decisions.require(
                        ALICE, new Attributes.Resource("list", "", "agenttier.io", "v", "sandboxes", "", "")))
                .hasMessage(
                        "sandboxes.agenttier.io is forbidden: User \"alice\" cannot list resource \"sandboxes\" in API group "
                                + "\"agenttier.io\" at the cluster scope: no such role");
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
