"""Bytes both ways over the connection of an HTTP answer 101, once for each surface."""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import threading
import time

import anyio
import httpcore
import httpx

from agenttier._errors import ConfigurationError, UnreachableError
from agenttier._local import AsyncLocalStream, LocalStream

_BLOCK = 64 * 1024
_WANT = (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError, InterruptedError)
_BROKEN = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    anyio.BrokenResourceError,
    anyio.BusyResourceError,
    anyio.ClosedResourceError,
    OSError,
)


class AsyncDuplex:
    """One task may read while another writes."""

    def __init__(self, response: httpx.Response) -> None:
        self._stream: httpcore.AsyncNetworkStream = response.extensions["network_stream"]

    async def read(self, silence: float) -> bytes:
        """Some bytes; none at the end. ``silence`` is how many seconds may pass without any."""
        try:
            return await self._stream.read(_BLOCK, silence)
        except _BROKEN as e:
            raise _cut(e) from e

    async def write(self, data: bytes) -> None:
        try:
            await self._stream.write(data)
        except _BROKEN as e:
            raise _cut(e) from e

    async def hand_over(self, target: AsyncLocalStream, data: bytes) -> None:
        """Writes to ``target``, by the one that reads; writing here goes on meanwhile."""
        await target.write(data)

    async def abort(self) -> None:
        """Whoever reads or writes gets an UnreachableError."""
        with contextlib.suppress(*_BROKEN):
            await self._stream.aclose()

    async def aclose(self) -> None:
        """By the one that reads, at the end."""
        await self.abort()


class Duplex:
    """One thread may read while another writes.

    A TLS connection must not be used by two threads at once, so the one that reads moves the bytes of both; the one that
    writes waits for it.
    """

    def __init__(self, response: httpx.Response) -> None:
        self._stream: httpcore.NetworkStream = response.extensions["network_stream"]
        connection = self._stream.get_extra_info("socket")
        if not isinstance(connection, ssl.SSLSocket) and self._stream.get_extra_info("ssl_object") is not None:
            raise ConfigurationError("streams to a process cannot pass a proxy of https:// here: use AsyncAgentTierClient")
        self._connection: socket.socket = connection
        self._connection.setblocking(False)
        self._early = self._leading()
        self._changed = threading.Condition()
        self._to_write = memoryview(b"")
        self._is_closed = False
        self._woken, self._wake = socket.socketpair()
        self._woken.setblocking(False)
        self._wake.setblocking(False)

    def _leading(self) -> bytes:
        """Bytes that came in one piece with the answer's head are not in the socket any more."""
        try:
            return self._stream.read(_BLOCK, 0)
        except (httpcore.NetworkError, httpcore.TimeoutException):
            return b""

    def read(self, silence: float) -> bytes:
        if self._early:
            early, self._early = self._early, b""
            return early
        end = time.monotonic() + silence
        with selectors.DefaultSelector() as selector:
            selector.register(self._woken, selectors.EVENT_READ)
            selector.register(self._connection, selectors.EVENT_READ)
            try:
                while True:
                    data = self._moved()
                    if data is not None:
                        return data
                    left = end - time.monotonic()
                    if left <= 0:
                        raise UnreachableError(f"the connection broke: nothing came for {silence:.0f} s")
                    events = selectors.EVENT_READ | (selectors.EVENT_WRITE if len(self._to_write) else 0)
                    selector.modify(self._connection, events)
                    selector.select(left)
            except OSError as e:
                raise _cut(e) from e

    def hand_over(self, target: LocalStream, data: bytes) -> None:
        """Writes to ``target``, by the one that reads; writing here goes on meanwhile."""
        left = memoryview(data)
        with selectors.DefaultSelector() as selector:
            selector.register(self._woken, selectors.EVENT_READ)
            selector.register(target.connection, selectors.EVENT_WRITE)
            is_watched = False
            while len(left):
                self._write_pending()
                try:
                    left = left[target.connection.send(left) :]
                    continue
                except _WANT:
                    pass
                if bool(len(self._to_write)) != is_watched:
                    is_watched = not is_watched
                    if is_watched:
                        selector.register(self._connection, selectors.EVENT_WRITE)
                    else:
                        selector.unregister(self._connection)
                selector.select()

    def _write_pending(self) -> None:
        """Writes what is possible now."""
        with self._changed:
            if self._is_closed:
                raise UnreachableError("the connection was closed")
            with contextlib.suppress(*_WANT):
                while self._woken.recv(_BLOCK):
                    pass
            try:
                while len(self._to_write):
                    self._to_write = self._to_write[self._connection.send(self._to_write) :]
                    self._changed.notify_all()
            except _WANT:
                pass
            except OSError as e:
                raise _cut(e) from e

    def _moved(self) -> bytes | None:
        """Writes and reads what is possible now; None if nothing could be read."""
        self._write_pending()
        try:
            return self._connection.recv(_BLOCK)
        except _WANT:
            return None

    def write(self, data: bytes) -> None:
        with self._changed:
            while len(self._to_write) and not self._is_closed:
                self._changed.wait()
            if self._is_closed:
                raise UnreachableError("the connection was closed")
            self._to_write = memoryview(data)
            self._signal()
            while len(self._to_write) and not self._is_closed:
                self._changed.wait()

    def abort(self) -> None:
        with self._changed:
            if not self._is_closed:
                self._is_closed = True
                self._signal()
                self._changed.notify_all()

    def close(self) -> None:
        self.abort()
        with self._changed:
            self._woken.close()
            self._wake.close()

    def _signal(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._wake.send(b"w")


def _cut(error: Exception) -> UnreachableError:
    return UnreachableError(f"the connection broke: {error or type(error).__name__}")
