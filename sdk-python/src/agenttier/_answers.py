"""From an HTTP answer that refuses to the exception that tells it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agenttier._errors import (
    APIError,
    AuthenticationError,
    AuthorizationError,
    Cause,
    ConflictError,
    NotFoundError,
    PolicyViolationError,
)

MAX_BODY = 64 * 1024
"""Bytes of a refusal that are read."""

_MAX_SHOWN = 300
_MAX_RETRY_AFTER = 3600.0
_POLICY_REASON = "PolicyViolation"
_CLASSES: dict[int, type[APIError]] = {
    401: AuthenticationError,
    403: AuthorizationError,
    404: NotFoundError,
    409: ConflictError,
}


def refusal(status_code: int, headers: Mapping[str, str], body: bytes) -> APIError:
    """The exception of an answer.

    Only a Kubernetes Status has a class of its own. kube-apiserver also answers with plain text (503 while an APIService
    has no endpoints) and with a Status without ``kind`` (504): the first stays a plain :class:`APIError`.
    """
    text = body[:MAX_BODY].decode("utf-8", "replace")
    status = _status(text)
    retry_after = _seconds(headers.get("retry-after"))
    if status is None:
        shown = " ".join(text.split())[:_MAX_SHOWN]
        message = f"HTTP {status_code}" + (f": {shown}" if shown else " without a message")
        return APIError(message, status_code=status_code, body=text, retry_after=retry_after)
    details = status.get("details")
    details = details if isinstance(details, dict) else {}
    if retry_after is None:
        retry_after = _seconds(details.get("retryAfterSeconds"))
    causes = _causes(details.get("causes"))
    reason = _text(status.get("reason"))
    chosen = _CLASSES.get(status_code, APIError)
    if chosen is AuthorizationError and _is_policy(reason, causes):
        chosen = PolicyViolationError
    return chosen(
        _text(status.get("message")) or reason or f"HTTP {status_code}",
        status_code=status_code,
        body=text,
        reason=reason,
        causes=causes,
        retry_after=retry_after,
    )


def _status(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    is_status = document.get("kind") == "Status" or document.get("status") == "Failure"
    return document if is_status else None


def _causes(value: object) -> tuple[Cause, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(
        Cause(_text(item.get("reason")), _text(item.get("message")), _text(item.get("field")))
        for item in value
        if isinstance(item, dict)
    )


def _is_policy(reason: str, causes: tuple[Cause, ...]) -> bool:
    return reason == _POLICY_REASON or any(cause.reason == _POLICY_REASON for cause in causes)


def _seconds(value: object) -> float | None:
    """A date in ``Retry-After`` is left out: kube-apiserver sends seconds."""
    try:
        seconds = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return min(seconds, _MAX_RETRY_AFTER) if seconds >= 0 else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
