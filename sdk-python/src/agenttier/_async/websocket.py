"""A WebSocket on a subresource: identity, TLS and proxy are those of every other call."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from agenttier._async.transport import AsyncTransport
from agenttier._duplex import AsyncDuplex
from agenttier._errors import UnreachableError
from agenttier._local import AsyncLocalStream
from agenttier._wire import Closed, Wire

_SILENCE = 50.0
"""Seconds without a byte; the server pings every 15 s."""

_LAST_SILENCE = 5.0
"""The same on a connection that takes nothing any more, which is less than the time between two pings."""

_SWITCHED = frozenset({101})


class AsyncWebSocket:
    """One may receive while another sends."""

    def __init__(self, headers: Mapping[str, str], wire: Wire, duplex: AsyncDuplex) -> None:
        self.headers = headers
        self._wire = wire
        self._duplex = duplex
        self._received: deque[bytes | Closed] = deque()
        self._silence = _SILENCE

    async def receive(self) -> bytes | Closed | None:
        """The next message or the close frame; None where something came that is neither, such as a ping.

        :raises UnreachableError: the connection is lost
        """
        if not self._received:
            data = await self._duplex.read(self._silence)
            self._received.extend(self._wire.received(data))
            if not data and not self._received:
                raise UnreachableError("the connection ended without a close")
        return self._received.popleft() if self._received else None

    def queue(self, message: bytes) -> None:
        """Leaves with the next :meth:`flush`."""
        self._wire.queue(message)

    async def flush(self) -> None:
        """Writes what is queued, answers to pings included; waits while the server takes nothing."""
        if data := self._wire.outgoing():
            await self._duplex.write(data)

    async def hand_over(self, target: AsyncLocalStream, data: bytes) -> None:
        """Writes what was received to ``target``; what is flushed meanwhile is not held up, whoever waits.

        :raises OSError: ``target`` broke
        """
        await self._duplex.hand_over(target, data)

    def read_the_rest(self) -> None:
        """Nothing can be written any more: what the server has said may still come, pings alone do not keep the connection."""
        self._silence = _LAST_SILENCE

    async def abort(self) -> None:
        """Ends the connection; who receives or sends gets an UnreachableError."""
        await self._duplex.abort()


@asynccontextmanager
async def websocket(transport: AsyncTransport, path: str, query: dict[str, str]) -> AsyncIterator[AsyncWebSocket]:
    """:raises APIError: the server refuses, nothing has begun then"""
    wire = Wire()
    call = transport.stream(
        "GET", path, query=query, accept="*/*", headers=wire.request_headers(), silence=_SILENCE, allowed=_SWITCHED
    )
    async with call as response:
        if response.status_code not in _SWITCHED:
            raise UnreachableError(f"the server answered {response.status_code} where a WebSocket was asked for")
        wire.accept(response)
        duplex = AsyncDuplex(response)
        try:
            yield AsyncWebSocket(response.headers, wire, duplex)
        finally:
            await duplex.aclose()
