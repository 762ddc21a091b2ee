"""What to do after the stream of a process broke: go on, give up, or tell that its outcome is lost. Pure but for the clock."""

from __future__ import annotations

from collections.abc import Callable

from agenttier._cursor import OutputCursor
from agenttier._errors import AgentTierError, APIError, SandboxTimeoutError, UnreachableError
from agenttier._events import Exited
from agenttier._retry import Backoff, RetryConfig
from agenttier._sse import MalformedEventError

PATIENCE = 300.0
"""Seconds without a sign of the server after which a stream is given up."""

LATE = 60.0
"""Seconds that a server may be late in ending a process at its limit, and in telling it."""

_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_UNCLEAR = frozenset({502, 503, 504})
_UNCLEAR_TRIES = 6
_MALFORMED_TRIES = 8

Problem = UnreachableError | MalformedEventError | APIError


class GoingOn:
    """Judges one stream after the other of a process that was started with ``onDisconnect=keep``.

    :param starts: the first call starts the process; else it is one that should exist
    :param joins: a start whose answer is missing is repeated at once, since it joins what the first one has started
    :param retry: how often a start is tried again that never left this machine
    :param deadline: by ``clock``, when the server should long have ended the process; None for never
    """

    def __init__(
        self,
        cursor: OutputCursor,
        *,
        starts: bool,
        joins: bool = False,
        deadline: float | None,
        clock: Callable[[], float],
        retry: RetryConfig | None = None,
    ) -> None:
        self._cursor = cursor
        self._deadline = deadline
        self._clock = clock
        self._retry = retry
        self._start_tries = 0
        self._is_start = starts
        self._joins = joins
        self._unclear_start: Problem | None = None
        self._unclear_tries = 0
        self._may_have_started = False
        self._backoff = Backoff()
        self._last_sign = clock()
        self._malformed = 0

    @property
    def is_starting(self) -> bool:
        """Whether the next call is the one that starts the process."""
        return self._is_start

    @property
    def may_run(self) -> bool:
        """Whether the process may be running now."""
        return (self._cursor.is_confirmed or self._may_have_started) and not self._cursor.has_ended

    def starting(self) -> None:
        """The call that starts the process is about to be sent."""
        self._may_have_started = True

    def reader_took(self, seconds: float) -> None:
        """Time in which we did not listen, since our reader was busy: nobody can be blamed for silence in it."""
        self._last_sign += seconds
        if self._deadline is not None:
            self._deadline += seconds

    def sign_of_life(self, *, has_news: bool) -> None:
        """Something came; ``has_news`` if it told something of the process.

        Output that still comes after the deadline may be a backlog behind a slow network, so it moves the deadline.

        :raises SandboxTimeoutError: the server says nothing new, and has not ended the process at its limit
        """
        self._last_sign = self._clock()
        self._is_start = False
        self._backoff.reset()
        if has_news and self._deadline is not None:
            self._deadline = max(self._deadline, self._last_sign + LATE)
        self._check_deadline()

    def after(self, problem: Problem) -> float | Exited:
        """Seconds to wait before reading on, or the end where the outcome is lost; raises what should be told."""
        # a comment may come before the process is named
        was_start = self._is_start or (self._joins and not self._cursor.is_confirmed)
        self._is_start = False
        if was_start:
            return self._after_start(problem)
        if not self._cursor.is_confirmed and not self._may_have_started:
            raise _told(problem)
        if self._unclear_start is not None and not self._cursor.is_confirmed:
            return self._after_unclear_start(self._unclear_start, problem)
        self._check_deadline()
        if isinstance(problem, APIError):
            return self._after_refusal(problem)
        if isinstance(problem, MalformedEventError):
            self._malformed += 1
            if self._malformed > _MALFORMED_TRIES:
                raise _told(problem)
        return self._wait(problem)

    def _after_start(self, problem: Problem) -> float:
        if isinstance(problem, APIError):
            if problem.status_code not in _UNCLEAR:
                self._may_have_started = False
                raise problem
        elif isinstance(problem, UnreachableError) and not problem.was_sent and not (self._joins and self._unclear_start):
            self._may_have_started = False
            wait = None if self._retry is None else self._retry.wait("POST", self._start_tries, problem)
            if wait is None:
                raise problem
            self._start_tries += 1
            self._is_start = True
            return wait
        if self._joins:
            return self._join(problem)
        self._unclear_start = problem
        return self._backoff.next()

    def _join(self, problem: Problem) -> float:
        self._unclear_start = self._unclear_start or problem
        self._is_start = True
        if isinstance(problem, UnreachableError) and not problem.was_sent:
            return self._wait(problem)
        self._unclear_tries += 1
        if self._unclear_tries == _UNCLEAR_TRIES:
            raise _told(self._unclear_start)
        return self._backoff.next()

    def _after_unclear_start(self, start: Problem, problem: Problem) -> float:
        """A start that may have been served is repeated under its name, which starts nothing twice."""
        if isinstance(start, UnreachableError) and isinstance(problem, UnreachableError):
            return self._wait(problem)
        is_unknown = isinstance(problem, APIError) and problem.status_code == 404
        is_final = isinstance(problem, APIError) and not is_unknown and problem.status_code not in _PASSING
        self._unclear_tries += 1
        if is_final or self._unclear_tries == _UNCLEAR_TRIES:
            self._may_have_started = not is_unknown
            raise self._not_started(start) if is_unknown else _told(start)
        self._is_start = is_unknown
        return self._backoff.next()

    def _not_started(self, start: Problem) -> AgentTierError:
        if isinstance(start, APIError):
            return start
        return UnreachableError(
            f"the connection was lost {_UNCLEAR_TRIES} times before the server confirmed the start of process "
            f"{self._cursor.process}, and it is not known now: it has probably not run"
        )

    def _after_refusal(self, problem: APIError) -> float | Exited:
        code = problem.status_code
        if code in _PASSING:
            return max(self._wait(problem), problem.retry_after or 0.0)
        if code in (404, 410):
            self._cursor.has_ended = True
            return Exited(self._cursor.process, "lost", None, f"the outcome is unknown: {problem.message}")
        raise problem

    def _wait(self, problem: Exception) -> float:
        if self._clock() - self._last_sign > PATIENCE:
            raise UnreachableError(
                f"nothing was heard of process {self._cursor.process} for {PATIENCE:.0f} s, it may still run: {problem}"
            ) from problem
        return self._backoff.next()

    def _check_deadline(self) -> None:
        if self._deadline is not None and self._clock() > self._deadline:
            raise SandboxTimeoutError(
                f"process {self._cursor.process} has not ended at its time limit, and its outcome could not be learnt"
            )


def _told(problem: Problem) -> AgentTierError:
    if isinstance(problem, MalformedEventError):
        return UnreachableError(f"the server's answer is not understood: {problem}")
    return problem
