"""Running commands: their output goes on by offset after any cut, unseen."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing
from types import TracebackType

import httpx

from agenttier import _paths
from agenttier._async.transport import AsyncTransport
from agenttier._cursor import OutputCursor
from agenttier._errors import AgentTierError, APIError, UnreachableError
from agenttier._events import Event, Exited, Stream
from agenttier._going_on import LATE, GoingOn, Problem
from agenttier._sse import EventParser, MalformedEventError, ServerEvent
from agenttier._start import Start
from agenttier._waits import async_sleep, shielded

EVENTS = "text/event-stream"

_SILENCE = 50.0
"""The server sends a comment every 15 s."""

_CANCEL_SECONDS = 15.0
_CANCEL_TRIES = 4


class AsyncExecStream:
    """Events of one command as they come: ``Started``, ``Output``, ``Gap``, at last ``Exited``.

    Use it as a context manager: leaving it before the end cancels a command that it has started.
    """

    def __init__(
        self,
        transport: AsyncTransport,
        namespace: str,
        sandbox: str,
        cursor: OutputCursor,
        *,
        start: Start | None = None,
        stream: Stream | None = None,
        follow: bool = True,
    ) -> None:
        limit = start.limit if start else None
        self._transport = transport
        self._namespace = namespace
        self._sandbox = sandbox
        self._cursor = cursor
        self._start = start
        self._stream = stream
        self._follow = follow
        self._made = time.monotonic()
        self._going_on = GoingOn(
            cursor,
            starts=start is not None,
            joins=start is not None and start.joins,
            deadline=self._made + limit + LATE if limit else None,
            clock=time.monotonic,
            retry=transport.retry,
        )
        self._events = self._read()

    @property
    def process(self) -> str:
        """The id of the process; the name that it was started with until the server has answered."""
        return self._cursor.process

    @property
    def position(self) -> int:
        """Offset after the last byte given out."""
        return self._cursor.position

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        return await self._events.__anext__()

    async def __aenter__(self) -> AsyncExecStream:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends reading. A command that was started here and has not ended is cancelled."""
        with shielded(_CANCEL_SECONDS):
            await self._events.aclose()
            if self._start is not None and self._going_on.may_run:
                await self._cancel()

    async def _read(self) -> AsyncGenerator[Event, None]:
        self._going_on.reader_took(time.monotonic() - self._made)
        while True:
            problem: Problem
            try:
                async with aclosing(self._connected()) as events:
                    async for event in events:
                        handed_over = time.monotonic()
                        yield event
                        if isinstance(event, Exited):
                            return
                        self._going_on.reader_took(time.monotonic() - handed_over)
                if not self._follow:
                    return
                problem = UnreachableError("the stream ended before the process")
            except (UnreachableError, MalformedEventError, APIError) as e:
                problem = e
            decision = self._going_on.after(problem)
            if isinstance(decision, Exited):
                yield decision
                return
            await async_sleep(decision)

    async def _connected(self) -> AsyncGenerator[Event, None]:
        """Events of one connection."""
        async with self._open() as response:
            async for event in self._decoded(response):
                yield event

    def _open(self) -> AbstractAsyncContextManager[httpx.Response]:
        if self._start is not None and self._going_on.is_starting:
            self._going_on.starting()
            return post(self._transport, self._namespace, self._sandbox, self._start)
        query = {"process": self._cursor.process, "offset": str(self._cursor.position)}
        if self._follow:
            query["follow"] = "true"
        if self._stream is not None:
            query["stream"] = self._stream
        return self._transport.stream("GET", self._path("log"), query=query, accept=EVENTS, silence=_SILENCE)

    async def _decoded(self, response: httpx.Response) -> AsyncGenerator[Event, None]:
        async for server_event in server_events(response):
            event = self._cursor.accept(server_event)
            self._going_on.sign_of_life(has_news=event is not None)
            if event is not None:
                yield event

    def _path(self, subresource: str) -> str:
        return _paths.subresource(self._namespace, self._sandbox, subresource)

    async def _cancel(self) -> None:
        """Best effort: it is called where an error is on its way already."""
        for wait in range(_CANCEL_TRIES):
            try:
                await self._end_process()
                return
            except (UnreachableError, MalformedEventError):
                pass
            except APIError as e:
                # unknown before it was confirmed: its start may be under way
                if e.status_code < 500 and not (e.status_code == 404 and not self._cursor.is_confirmed):
                    return
            await async_sleep(float(wait))

    async def _end_process(self) -> None:
        await cancel(self._transport, self._namespace, self._sandbox, self._cursor.process)


def post(transport: AsyncTransport, namespace: str, sandbox: str, start: Start) -> AbstractAsyncContextManager[httpx.Response]:
    """Starts a process; the answer is its events."""
    return transport.stream(
        "POST",
        _paths.subresource(namespace, sandbox, start.subresource),
        query=start.query,
        accept=EVENTS,
        body=start.body,
        content=start.content,
        headers=start.headers,
        silence=_SILENCE,
    )


async def server_events(response: httpx.Response) -> AsyncGenerator[ServerEvent, None]:
    """The events of an answer, comments too."""
    media_type = response.headers.get("content-type", "").partition(";")[0].strip()
    if media_type != EVENTS:
        raise AgentTierError(f"the server answered with {media_type!r} where {EVENTS} was expected")
    parser = EventParser()
    async for piece in response.aiter_bytes():
        for event in parser.feed(piece):
            yield event


async def cancel(transport: AsyncTransport, namespace: str, sandbox: str, process: str, signal: str = "") -> None:
    """Signals a process; without ``signal`` ends it and all its children."""
    query = {"process": process, "signal": signal} if signal else {"process": process}
    await transport.json("DELETE", _paths.subresource(namespace, sandbox, "processes"), query=query)
