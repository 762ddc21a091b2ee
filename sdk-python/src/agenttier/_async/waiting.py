"""Waiting for a sandbox by watch."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any

from agenttier import _paths
from agenttier._async.transport import AsyncTransport
from agenttier._errors import (
    AgentTierError,
    APIError,
    AuthorizationError,
    NotFoundError,
    SandboxErrorState,
    SandboxTimeoutError,
    UnreachableError,
)
from agenttier._judgement import Goal, Judgement, Never, NotYet, There, judge
from agenttier._retry import Backoff
from agenttier._waits import async_sleep

_MAX_OBJECT = 8 * 1024 * 1024
_WATCH = 240.0
_POLL = 1.0
_PASSING = frozenset({408, 410, 429, 500, 502, 503, 504})


class AsyncWait:
    """Waits until one sandbox is where it should be."""

    def __init__(self, transport: AsyncTransport, namespace: str, name: str, goal: Goal, timeout: float) -> None:
        self._transport = transport
        self._namespace = namespace
        self._name = name
        self._goal: Goal = goal
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout
        self._uid = ""
        self._may_watch = True
        self._backoff = Backoff()

    async def until_there(self) -> None:
        """
        :raises SandboxTimeoutError: it was not within the time; the message says what it waited for
        :raises SandboxErrorState: it never will be
        """
        judged: Judgement = NotYet("")
        while True:
            wait = _POLL
            try:
                async for judged in self._judgements():
                    if isinstance(judged, There):
                        return
                    if isinstance(judged, Never):
                        raise SandboxErrorState(f"sandbox {self._name!r} will not be {self._goal}: {judged.why}")
                    if self._left() <= 0:
                        break
                if self._may_watch:
                    wait = self._backoff.next()
            except UnreachableError:
                wait = self._backoff.next()
            except APIError as e:
                if isinstance(e, AuthorizationError) and self._may_watch and " watch " in e.message:
                    self._may_watch = False
                elif e.status_code not in _PASSING:
                    raise
                wait = max(self._backoff.next(), e.retry_after or 0.0)
            if self._left() <= 0:
                why = f": {judged.why}" if isinstance(judged, NotYet) and judged.why else ""
                raise SandboxTimeoutError(f"sandbox {self._name!r} is not {self._goal} after {self._timeout:g} s{why}")
            await async_sleep(min(wait, max(self._left(), 0.0)))

    async def _judgements(self) -> AsyncIterator[Judgement]:
        """The present state, then each change until the watch ends."""
        try:
            present = await self._transport.json("GET", _paths.sandbox(self._namespace, self._name))
        except NotFoundError as e:
            if self._goal != "deleted" or not e.reason:
                raise
            yield There()
            return
        metadata = present.get("metadata") or {}
        if self._uid and metadata.get("uid") != self._uid:
            yield There() if self._goal == "deleted" else Never("it was deleted, and made anew by somebody")
            return
        self._uid = metadata.get("uid") or ""
        yield judge(present, self._goal)
        if self._may_watch and self._left() > 0:
            async for judged in self._watch(metadata.get("resourceVersion") or ""):
                yield judged

    async def _watch(self, resource_version: str) -> AsyncIterator[Judgement]:
        seconds = max(1.0, min(self._left(), _WATCH))
        query = {
            "watch": "true",
            "fieldSelector": f"metadata.name={self._name}",
            "resourceVersion": resource_version,
            "timeoutSeconds": str(int(seconds)),
        }
        path = _paths.sandboxes(self._namespace)
        async with self._transport.stream("GET", path, query=query, accept="application/json", silence=seconds + 5) as response:
            rest = bytearray()
            async for piece in response.aiter_bytes():
                rest += piece
                *lines, rest = rest.split(b"\n")
                if len(rest) > _MAX_OBJECT:
                    raise AgentTierError(f"the server sent an object of more than {_MAX_OBJECT} bytes")
                for line in lines:
                    event = _event(bytes(line))
                    if event.get("type") == "ERROR":
                        return
                    self._backoff.reset()
                    yield self._judged(event)

    def _judged(self, event: dict[str, Any]) -> Judgement:
        sandbox = event.get("object") or {}
        if event.get("type") == "DELETED":
            return There() if self._goal == "deleted" else Never("it was deleted")
        return judge(sandbox, self._goal)

    def _left(self) -> float:
        return self._deadline - time.monotonic()


def _event(line: bytes) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise UnreachableError("an event of the watch is no JSON object")
    return event
