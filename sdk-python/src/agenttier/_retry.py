"""When a call is repeated, and after how long. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from agenttier._errors import AgentTierError, APIError, UnreachableError

PASSING = frozenset({408, 429, 500, 502, 503, 504})
"""Refusals that may be none the next time."""

IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE"})


@dataclass(frozen=True, kw_only=True)
class RetryConfig:
    """Repeating of calls, opt-in. Streams that have begun are not concerned: they always go on by offset.

    The n-th wait is ``backoff_factor * 2 ** n`` seconds, at most ``backoff_max``, and up to a quarter longer by chance.
    ``retry_post`` is off since a POST that broke off may have been served; one that never left this machine is repeated anyway.
    """

    max_retries: int = 3
    backoff_factor: float = 0.25
    backoff_max: float = 8.0
    retry_status: frozenset[int] = field(default=PASSING)
    retry_post: bool = False
    respect_retry_after: bool = True

    def wait(self, method: str, tries: int, error: AgentTierError) -> float | None:
        """Seconds to wait before the next try after ``tries`` repetitions, or None to give up."""
        if tries >= self.max_retries:
            return None
        was_sent = not isinstance(error, UnreachableError) or error.was_sent
        if was_sent and method not in IDEMPOTENT and not self.retry_post:
            return None
        retry_after = None
        if isinstance(error, APIError):
            if error.status_code not in self.retry_status:
                return None
            retry_after = error.retry_after
        elif not isinstance(error, UnreachableError):
            return None
        if retry_after is not None and self.respect_retry_after:
            return retry_after
        return jittered(min(self.backoff_factor * float(2**tries), self.backoff_max))


def jittered(seconds: float) -> float:
    """Up to a quarter longer, so that many clients do not come back together."""
    return seconds * (1 + random.random() / 4)  # noqa: S311


class Backoff:
    """Waits of a stream that goes on: 0, then 0.25 s doubling up to 8 s; begins anew when something arrived."""

    def __init__(self) -> None:
        self.tries = 0

    def next(self) -> float:
        self.tries += 1
        return 0.0 if self.tries == 1 else jittered(min(0.25 * float(2 ** min(self.tries - 2, 10)), 8.0))

    def reset(self) -> None:
        self.tries = 0
