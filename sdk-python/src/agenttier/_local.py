"""TCP of this machine, once for each surface: a listener on 127.0.0.1 and the connections that it takes."""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import socket
import struct
import sys
import threading
from typing import NamedTuple

_BLOCK = 64 * 1024
_WANT = (BlockingIOError, InterruptedError)
_NO_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class LocalAddress(NamedTuple):
    """Where a tunnel listens; as text ``127.0.0.1:PORT``."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def _listening() -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    return listener


def _address(listener: socket.socket) -> LocalAddress:
    host, port = listener.getsockname()
    return LocalAddress(host, port)


def _accepted(connection: socket.socket) -> socket.socket:
    connection.setblocking(False)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _shall_reset(connection: socket.socket) -> None:
    # some systems refuse it where the other side has reset already
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)


class AsyncLocalStream:
    """One connection. One task may read while another writes; cancel both before it is closed."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = _accepted(connection)

    async def read(self) -> bytes:
        """Some bytes; none at the end.

        :raises OSError: it broke
        """
        return await asyncio.get_running_loop().sock_recv(self._connection, _BLOCK)

    async def write(self, data: bytes) -> None:
        """:raises OSError: it broke"""
        await asyncio.get_running_loop().sock_sendall(self._connection, data)

    def end(self) -> None:
        """Nothing more is written; reading goes on.

        :raises OSError: it broke
        """
        self._connection.shutdown(socket.SHUT_WR)

    def interrupt(self) -> None:
        """Nothing to do: who reads is cancelled."""

    def reset(self) -> None:
        """When it is closed, the other side shall see that it broke, and no end."""
        _shall_reset(self._connection)

    async def aclose(self) -> None:
        self._connection.close()


class AsyncLocalListener:
    """Cancel who accepts before it is closed."""

    def __init__(self) -> None:
        self._listener = _listening()
        self.address = _address(self._listener)

    async def accept(self) -> AsyncLocalStream | None:
        """The next connection; None after :meth:`interrupt`."""
        connection, _ = await asyncio.get_running_loop().sock_accept(self._listener)
        return AsyncLocalStream(connection)

    def interrupt(self) -> None:
        """Nothing to do: who accepts is cancelled."""

    async def aclose(self) -> None:
        self._listener.close()


class _Interruptible:
    """Waits for a socket, from which another thread can call it back for good."""

    def __init__(self) -> None:
        self._is_interrupted = threading.Event()
        self._woken, self._wake = socket.socketpair()
        self._wake.setblocking(False)

    def wait(self, awaited: socket.socket) -> bool:
        """Until something can be read; False if it was called back."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._woken, selectors.EVENT_READ)
            selector.register(awaited, selectors.EVENT_READ)
            selector.select()
        return not self._is_interrupted.is_set()

    def interrupt(self) -> None:
        self._is_interrupted.set()
        with contextlib.suppress(OSError):
            self._wake.send(b"w")

    def close(self) -> None:
        self._woken.close()
        self._wake.close()


class LocalStream:
    """One connection. One thread may read while another writes; :meth:`interrupt` ends the reading before it is closed."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = _accepted(connection)
        self._reading = _Interruptible()

    def read(self) -> bytes:
        """Some bytes; none at the end, or after :meth:`interrupt`.

        :raises OSError: it broke
        """
        while self._reading.wait(self.connection):
            with contextlib.suppress(*_WANT):
                return self.connection.recv(_BLOCK)
        return b""

    def end(self) -> None:
        """Nothing more is written; reading goes on.

        :raises OSError: it broke
        """
        self.connection.shutdown(socket.SHUT_WR)

    def interrupt(self) -> None:
        self._reading.interrupt()

    def reset(self) -> None:
        """When it is closed, the other side shall see that it broke, and no end."""
        _shall_reset(self.connection)

    def close(self) -> None:
        self.connection.close()
        self._reading.close()


class LocalListener:
    """:meth:`interrupt` ends the accepting before it is closed."""

    def __init__(self) -> None:
        self._listener = _listening()
        self.address = _address(self._listener)
        self._accepting = _Interruptible()

    def accept(self) -> LocalStream | None:
        """The next connection; None after :meth:`interrupt`."""
        while self._accepting.wait(self._listener):
            with contextlib.suppress(*_WANT):
                connection, _ = self._listener.accept()
                return LocalStream(connection)
        return None

    def interrupt(self) -> None:
        self._accepting.interrupt()

    def close(self) -> None:
        self._listener.close()
        self._accepting.close()
