package io.agenttier.apiserver.admission;

import io.agenttier.api.SandboxSpec;
import io.agenttier.api.TemplateSpec;
import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.codec.MalformedException;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.resource.MemoryBudget;
import io.agenttier.apiserver.route.Answers;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Incoming;
import io.agenttier.apiserver.route.RequestHandler;
import io.agenttier.apiserver.telemetry.Metrics;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves one review a request. Whatever goes wrong is an answer that lets nothing pass. */
public final class AdmissionHandler implements RequestHandler {
    private static final Logger LOG = LoggerFactory.getLogger(AdmissionHandler.class);

    /** A review holds an object twice, and kube-apiserver takes bodies up to 3 MiB. */
    private static final int BODY_BYTES = 8 << 20;

    /** What an object takes in memory beside its text. */
    private static final int PARSED_FACTOR = 4;

    /** Reviews at once; kube-apiserver sends one for each request that it serves, and a flood may come from anywhere. */
    private static final int AT_ONCE = 200;

    private final Map<String, Review<?>> reviews;
    private final Semaphore places = new Semaphore(AT_ONCE);
    private final MemoryBudget memory;
    private final Metrics metrics;
    private final InstantSource clock;

    /** Judges the requests of one rule. */
    private record Review<S>(Class<S> spec, List<String> operations, Judge<S> judge) {}

    private interface Judge<S> {
        Verdict verdict(AdmissionReview.Request<S> request);
    }

    AdmissionHandler(
            SpecReviews specs, TemplateGuard guard, MemoryBudget memory, Metrics metrics, InstantSource clock) {
        var writes = List.of("CREATE", "UPDATE");
        this.reviews = Map.of(
                "/mutate-sandbox", new Review<>(CreatorStamp.Stamped.class, writes, CreatorStamp::review),
                "/validate-sandbox", new Review<>(SandboxSpec.class, writes, specs::sandbox),
                "/validate-template", new Review<>(TemplateSpec.class, writes, specs::template),
                "/keep-template", new Review<>(TemplateSpec.class, List.of("DELETE"), guard::review));
        this.memory = memory;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public void handle(Incoming incoming, Exchange exchange) {
        var review = reviews.get(incoming.rawPath());
        var label = review == null ? "none" : incoming.rawPath().substring(1);
        String outcome = "error";
        try {
            outcome = serve(review, incoming, exchange);
        } catch (ApiException e) {
            refuse(exchange, e.error());
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("a review ended early");
            refuse(exchange, new ApiError.Unavailable("the review was interrupted: " + e.getMessage()));
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("a review ended with a bug");
            refuse(exchange, new ApiError.Internal("an error on the server has prevented the review from succeeding"));
        } finally {
            metrics.reviewEnded(label, outcome, Duration.between(incoming.received(), clock.instant()));
        }
    }

    private String serve(@Nullable Review<?> review, Incoming incoming, Exchange exchange) throws IOException {
        if (review == null) {
            throw new ApiException(new ApiError.NotFound(
                    "",
                    "",
                    "nothing is served at this path: expected one of "
                            + String.join(", ", new TreeSet<>(reviews.keySet()))));
        }
        if (!incoming.method().equals("POST")) {
            throw new ApiException(new ApiError.MethodNotAllowed(
                    incoming.method(), List.of("POST"), "a review is a POST of an AdmissionReview"));
        }
        if (!places.tryAcquire()) {
            throw new ApiException(new ApiError.TooManyRequests(
                    "%d reviews are under way, which is the limit: try again".formatted(AT_ONCE),
                    Duration.ofSeconds(1)));
        }
        try (var share = memory.share()) {
            long length = exchange.contentLength().orElse(BODY_BYTES);
            if (length <= BODY_BYTES && !share.grow(length * PARSED_FACTOR)) {
                throw new ApiException(new ApiError.TooManyRequests(
                        "reviews under way hold all memory that they may: try again", Duration.ofSeconds(1)));
            }
            return answer(review, exchange.body(BODY_BYTES).readAllBytes(), exchange);
        } finally {
            places.release();
        }
    }

    private static <S> String answer(Review<S> review, byte[] body, Exchange exchange) {
        var request = request(review, body);
        var verdict = verdict(review, request);
        exchange.answer(Answers.json(200, AdmissionAnswer.of(request.uid(), verdict)));
        return verdict.refusal() == null ? "allowed" : "refused";
    }

    private static <S> AdmissionReview.Request<S> request(Review<S> review, byte[] body) {
        try {
            @SuppressWarnings("unchecked") // read as exactly that
            var parsed = (AdmissionReview<S>) Json.readTolerant(body, AdmissionReview.class, review.spec());
            var request = parsed.request();
            if (!AdmissionReview.API_VERSION.equals(parsed.apiVersion())
                    || !AdmissionReview.KIND.equals(parsed.kind())
                    || request == null) {
                throw bad("expected an AdmissionReview of %s with a request".formatted(AdmissionReview.API_VERSION));
            }
            if (!request.isWhole()) {
                throw bad(
                        "the request lacks uid, operation, userInfo.username, or the object that its operation needs");
            }
            if (!review.operations().contains(request.operation())) {
                throw bad("operation is not reviewed here: expected " + String.join(" or ", review.operations()));
            }
            return request;
        } catch (MalformedException e) {
            throw bad("the AdmissionReview cannot be read: " + e.getMessage());
        }
    }

    /** What cannot be decided is an answer as well: kube-apiserver shows its message, where an HTTP error would be wrapped. */
    private static <S> Verdict verdict(Review<S> review, AdmissionReview.Request<S> request) {
        try {
            return review.judge().verdict(request);
        } catch (ApiException e) {
            return Verdict.refuse(e.error(), List.of());
        }
    }

    private static ApiException bad(String message) {
        return new ApiException(new ApiError.BadRequest(message));
    }

    private static void refuse(Exchange exchange, ApiError error) {
        if (!exchange.hasBegun()) {
            exchange.answer(Answers.error(error));
        }
    }
}
