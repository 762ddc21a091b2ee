"""A process with its standard input: output and input go on after any cut, unseen."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from agenttier import _paths
from agenttier._async.process import AsyncExecStream
from agenttier._async.stdin import AsyncStdin
from agenttier._async.transport import AsyncTransport
from agenttier._async.websocket import AsyncWebSocket, websocket
from agenttier._channels import STATUS, STDERR, STDOUT, LastWords, offset_in
from agenttier._cursor import OutputCursor
from agenttier._errors import AuthorizationError, UnreachableError
from agenttier._events import Event, Exited
from agenttier._start import Start
from agenttier._stdin_source import AsyncStdinSource
from agenttier._wire import Closed

_START_SECONDS = 660.0
"""A start may have to resume the sandbox first."""


class AsyncAttachedProcess(AsyncExecStream):
    """A process that runs: its events as they come, its standard input, the size of its terminal.

    Use it as a context manager. Leaving it before the end cancels a command that it has started, and no other. Bytes move
    while events are read.
    """

    def __init__(
        self,
        transport: AsyncTransport,
        namespace: str,
        sandbox: str,
        cursor: OutputCursor,
        *,
        start: Start | None = None,
        source: AsyncStdinSource | None = None,
        writes: bool = True,
        takeover: bool = False,
    ) -> None:
        super().__init__(transport, namespace, sandbox, cursor, start=start)
        self._stdin = AsyncStdin(transport, _paths.subresource(namespace, sandbox, "processes"), cursor, source)
        self._writes = writes
        # nobody else knows a process of ours; and a connection of ours that was cut may still count as its writer
        self._takes_over = takeover or start is not None
        self._is_begun = False
        self._end: Exited | None = None

    async def __aenter__(self) -> AsyncAttachedProcess:
        return self

    async def send_stdin(self, data: bytes | str) -> None:
        """Gives the process these bytes, after those before; waits while 4 MiB are on their way.

        :raises AgentTierError: it takes no more
        """
        self._check_writes()
        await self._stdin.give(data.encode() if isinstance(data, str) else bytes(data))

    async def close_stdin(self) -> None:
        """End of its standard input, once it has what was sent; on a terminal as Ctrl-D."""
        self._check_writes()
        await self._stdin.end()

    async def resize(self, columns: int, rows: int) -> None:
        """Size of its terminal, 1 to 1000 each."""
        await self._stdin.resize(columns, rows)

    async def aclose(self) -> None:
        """Ends reading and writing. A command that was started here and has not ended is cancelled."""
        await self._stdin.aclose()
        await super().aclose()

    def _check_writes(self) -> None:
        if not self._writes:
            raise ValueError("this process is attached to with stdin=False: nothing can be sent to it")

    async def _connected(self) -> AsyncGenerator[Event, None]:
        self._stdin.check()
        if not self._is_begun:
            self._is_begun = True
            self._stdin.start()
        if self._end is None:
            if self._going_on.is_starting:
                await self._begin()
            async with aclosing(self._attached()) as events:
                async for event in events:
                    yield event
        await self._stdin.aclose()
        async with aclosing(self._recorded()) as events:
            async for event in events:
                yield event

    async def _begin(self) -> None:
        self._going_on.starting()
        body = self._start.body if self._start else None
        call = self._transport.stream("POST", self._path("exec"), accept="application/json", body=body, silence=_START_SECONDS)
        async with call:
            self._cursor.confirm()
            self._going_on.sign_of_life(has_news=True)

    async def _attached(self) -> AsyncGenerator[Event, None]:
        """Events of one connection; at its end the outcome is known, or a problem raised."""
        query = {"process": self._cursor.process, "offset": str(self._cursor.position)}
        if self._writes:
            query["stdin"] = "true"
            if self._takes_over:
                query["takeover"] = "true"
        async with websocket(self._transport, self._path("attach"), query) as socket:
            self._takes_over = True
            process = socket.headers.get("agenttier-process") or self._cursor.process
            for event in self._cursor.joined(process, offset_in(socket.headers, "AgentTier-First-Offset")):
                yield event
            offset = offset_in(socket.headers, "AgentTier-Stdin-Offset") if self._writes else None
            if await self._stdin.connected(socket, offset):
                # cuts may come too soon for any output, and yet all input gets through
                self._going_on.sign_of_life(has_news=True)
            try:
                async with aclosing(self._messages(socket)) as events:
                    async for event in events:
                        yield event
            except UnreachableError:
                self._stdin.check()
                raise
            finally:
                await self._stdin.disconnected()

    async def _messages(self, socket: AsyncWebSocket) -> AsyncGenerator[Event, None]:
        last_words = LastWords(self._cursor.process)
        while True:
            message = await socket.receive()
            if isinstance(message, Closed):
                self._end = last_words.judge(message)
                return
            await self._stdin.heard()
            self._going_on.sign_of_life(has_news=bool(message))
            if not message:
                continue
            channel, data = message[0], message[1:]
            if channel == STATUS:
                last_words.status(data)
            elif channel in (STDOUT, STDERR) and data:
                yield self._cursor.next_output("stdout" if channel == STDOUT else "stderr", data)

    async def _recorded(self) -> AsyncGenerator[Event, None]:
        """The exit record, and what the stream may have left out before it; the Status must do for one who may not read logs."""
        try:
            async with aclosing(super()._connected()) as events:
                async for event in events:
                    yield event
        except AuthorizationError:
            if self._end is None:
                raise
            self._cursor.has_ended = True
            yield self._end
