"""One configuration, to its result. Repeating the call joins its install, so a cut and the 60 s of kube-apiserver go unseen."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

from agenttier._async.process import AsyncExecStream, post, server_events
from agenttier._async.transport import AsyncTransport
from agenttier._cursor import OutputCursor
from agenttier._errors import AgentTierError, APIError, ConflictError, UnreachableError
from agenttier._events import Exited, Output
from agenttier._models import ConfigureResult
from agenttier._retry import Backoff
from agenttier._sse import MalformedEventError, ServerEvent
from agenttier._start import Start
from agenttier._waits import async_sleep

_PATIENCE = 90.0
"""Seconds without anything from the server after which it is given up."""

_UNCLEAR = frozenset({502, 503, 504})


class AsyncConfigure:
    """``on_log`` takes each byte of the install once."""

    def __init__(
        self,
        transport: AsyncTransport,
        namespace: str,
        sandbox: str,
        body: dict[str, Any],
        on_log: Callable[[Output], object] | None,
    ) -> None:
        self._transport = transport
        self._namespace = namespace
        self._sandbox = sandbox
        content = json.dumps(body).encode()
        self._start = Start(subresource="configure", content=content, headers={"Content-Type": "application/json"})
        self._on_log = on_log
        self._cursor = OutputCursor("of the install")
        self._backoff = Backoff()
        self._last_sign = time.monotonic()
        self._may_be_under_way = False
        self._has_run = False

    async def result(self) -> ConfigureResult:
        """
        :raises AgentTierError: files could not be written, or the outcome of the install is unknown
        """
        while True:
            try:
                result = await self._posted()
                if result is not None:
                    # one that joins what we have followed finds it done
                    return result.model_copy(update={"skipped": False}) if self._has_run else result
                problem: Exception = UnreachableError("the answer ended before the result")
            except (UnreachableError, MalformedEventError, APIError) as e:
                if not self._is_passing(e):
                    raise
                problem = e
            if self._cursor.is_confirmed:
                exited = await self._followed()
                self._has_run = True
                if exited.reason != "completed" or exited.exit_code != 0:
                    return _failed(exited)
                self._cursor = OutputCursor(self._cursor.process, self._cursor.position)
                continue
            if time.monotonic() - self._last_sign > _PATIENCE:
                if isinstance(problem, APIError):
                    raise problem
                raise UnreachableError(f"the result of the configuration could not be learnt: {problem}") from problem
            await async_sleep(self._backoff.next())

    async def _posted(self) -> ConfigureResult | None:
        """What the answer tells as the result; None where it ends before."""
        async with post(self._transport, self._namespace, self._sandbox, self._start) as response:
            self._may_be_under_way = True
            async with aclosing(server_events(response)) as events:
                async for event in events:
                    self._backoff.reset()
                    self._last_sign = time.monotonic()
                    result = self._accept(event)
                    if result is not None:
                        return result
        return None

    def _accept(self, event: ServerEvent) -> ConfigureResult | None:
        if event.event == "result":
            return ConfigureResult.from_event(event.json())
        if event.event == "error":
            data = event.json()
            raise AgentTierError(f"configure failed ({data.get('phase') or 'install'}): {data.get('message') or 'no message'}")
        self._log(self._cursor.accept(event))
        return None

    async def _followed(self) -> Exited:
        async with AsyncExecStream(self._transport, self._namespace, self._sandbox, self._cursor) as events:
            async for event in events:
                self._log(event)
                if isinstance(event, Exited):
                    return event
        raise AgentTierError("the output of the install has no end")

    def _log(self, event: object) -> None:
        if isinstance(event, Output):
            self._has_run = True
            if self._on_log is not None:
                self._on_log(event)

    def _is_passing(self, problem: Exception) -> bool:
        """Whether the call may be repeated: the first one may still be writing files, which is a conflict."""
        if isinstance(problem, UnreachableError) and not problem.was_sent:
            return self._may_be_under_way
        if isinstance(problem, APIError):
            is_ours = isinstance(problem, ConflictError) and self._may_be_under_way
            if problem.status_code not in _UNCLEAR and not is_ours:
                return False
        self._may_be_under_way = True
        return True


def _failed(exited: Exited) -> ConfigureResult:
    """It is not asked for again: that would run the install a second time."""
    if exited.exit_code is None:
        raise AgentTierError(f"the outcome of the install is unknown: configure again ({exited.message or exited.reason})")
    return ConfigureResult(install_exit_code=exited.exit_code)
