"""Refusals become the right exception, whoever made them."""

from __future__ import annotations

import json

import pytest

from agenttier import (
    APIError,
    AuthenticationError,
    AuthorizationError,
    Cause,
    ConflictError,
    NotFoundError,
    PolicyViolationError,
    RetryConfig,
    UnreachableError,
)
from agenttier._answers import refusal


def status(code: int, reason: str, **more: object) -> bytes:
    whole = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "why", "reason": reason, "code": code}
    return json.dumps(whole | more).encode()


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (400, "BadRequest", APIError),
        (401, "Unauthorized", AuthenticationError),
        (403, "Forbidden", AuthorizationError),
        (404, "NotFound", NotFoundError),
        (409, "Conflict", ConflictError),
        (410, "Gone", APIError),
        (413, "RequestEntityTooLarge", APIError),
        (503, "ServiceUnavailable", APIError),
    ],
)
def test_a_status_has_its_class(code: int, reason: str, kind: type[APIError]) -> None:
    error = refusal(code, {}, status(code, reason))
    assert type(error) is kind
    assert (error.status_code, error.reason, str(error)) == (code, reason, "why")


def test_causes_and_retry_after_are_kept() -> None:
    causes = [{"reason": "FieldValueInvalid", "message": "is wrong", "field": "spec.timeout"}]
    error = refusal(422, {}, status(422, "Invalid", details={"causes": causes, "retryAfterSeconds": 3}))
    assert error.causes == (Cause("FieldValueInvalid", "is wrong", "spec.timeout"),)
    assert error.retry_after == 3.0
    assert refusal(429, {"retry-after": "5"}, status(429, "TooManyRequests")).retry_after == 5.0


def test_a_policy_tells_its_violations() -> None:
    causes = [{"reason": "PolicyViolation", "message": "at most 2 CPUs", "field": "spec.resources"}]
    error = refusal(403, {}, status(403, "Forbidden", details={"causes": causes}))
    assert isinstance(error, PolicyViolationError)
    assert error.violations[0].message == "at most 2 CPUs"


def test_plain_text_of_kube_apiserver_is_told_as_it_is() -> None:
    error = refusal(503, {"content-type": "text/plain"}, b"service unavailable\n")
    assert type(error) is APIError
    assert (str(error), error.status_code, error.body) == ("HTTP 503: service unavailable", 503, "service unavailable\n")


def test_plain_text_404_is_no_missing_object() -> None:
    assert type(refusal(404, {}, b"404 page not found\n")) is APIError


def test_a_status_without_a_kind_is_one() -> None:
    body = b'{"metadata":{},"status":"Failure","message":"Timeout: request did not complete","reason":"Timeout","code":504}'
    error = refusal(504, {}, body)
    assert (error.status_code, error.reason) == (504, "Timeout")


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"[1]", b"null", b"{" * 100_000, b'{"kind":"Status","details":[1],"message":5}']
)
def test_nonsense_is_an_api_error(body: bytes) -> None:
    error = refusal(500, {"retry-after": "tomorrow"}, body)
    assert (error.status_code, error.retry_after) == (500, None)
    assert str(error)


def test_only_what_may_be_repeated_is_repeated() -> None:
    retry = RetryConfig()
    unreachable, busy = UnreachableError("no"), APIError("busy", status_code=429, retry_after=2.0)
    assert retry.wait("GET", 0, busy) == 2.0
    assert retry.wait("POST", 0, busy) is None
    assert RetryConfig(retry_post=True).wait("POST", 0, busy) == 2.0
    assert retry.wait("POST", 0, unreachable) is None
    assert retry.wait("POST", 0, UnreachableError("no", was_sent=False)) is not None
    assert retry.wait("GET", 3, busy) is None
    assert retry.wait("GET", 0, APIError("no", status_code=403)) is None
    assert RetryConfig(respect_retry_after=False).wait("GET", 0, busy) != 2.0
    for tries, least in ((0, 0.25), (1, 0.5), (2, 1.0)):
        wait = retry.wait("GET", tries, unreachable)
        assert wait is not None
        assert least <= wait <= least * 1.25
