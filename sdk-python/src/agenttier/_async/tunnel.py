"""A port of a sandbox as one of this machine."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from types import TracebackType

from agenttier import _paths
from agenttier._async.transport import AsyncTransport
from agenttier._async.tunnelled import AsyncTunnelled
from agenttier._background import AsyncBackground, AsyncCondition
from agenttier._errors import AgentTierError
from agenttier._local import AsyncLocalListener, LocalAddress

MAX_CONNECTIONS = 64
"""As many to one sandbox as the server allows; more wait until one has ended."""

_log = logging.getLogger("agenttier")


class AsyncTunnel:
    """Listens on a free port of 127.0.0.1 and carries each connection to a port of the sandbox, while it is entered.

    Entering gives the :class:`LocalAddress`; leaving closes the listener and every connection.
    """

    def __init__(
        self,
        transport: AsyncTransport,
        namespace: str,
        sandbox: str,
        port: int,
        on_error: Callable[[AgentTierError], object] | None,
    ) -> None:
        if not 1 <= port <= 65535:
            raise ValueError(f"port is {port}: expected 1 to 65535")
        self._transport = transport
        self._path = _paths.subresource(namespace, sandbox, "portforward")
        self._what = f"connection to port {port} of sandbox {sandbox}"
        self._port = port
        self._on_error = on_error or self._warn
        self._listener: AsyncLocalListener | None = None
        self._background = AsyncBackground()
        self._changed = AsyncCondition()
        # guarded by the condition
        self._connections: set[AsyncTunnelled] = set()
        self._is_closed = False

    async def __aenter__(self) -> LocalAddress:
        if self._listener is not None:
            raise AgentTierError("a tunnel is entered once: make another one")
        self._listener = AsyncLocalListener()
        self._background.start(self._accept)
        return self._listener.address

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Stops listening and breaks the connections that are open."""
        async with self._changed:
            self._is_closed = True
            connections = list(self._connections)
            self._changed.notify_all()
        if self._listener is None:
            return
        self._listener.interrupt()
        for connection in connections:
            await connection.abort()
        await self._background.join()
        await self._listener.aclose()

    async def _accept(self) -> None:
        listener = self._listener
        while listener is not None and await self._has_room():
            local = await listener.accept()
            if local is None:
                return
            connection = AsyncTunnelled(self._transport, self._path, self._port, local)
            async with self._changed:
                self._connections.add(connection)
                if self._is_closed:
                    await connection.abort()
            self._background.start(functools.partial(self._carry, connection))

    async def _has_room(self) -> bool:
        """Waits until another connection may begin; False once the tunnel is closed."""
        async with self._changed:
            while len(self._connections) >= MAX_CONNECTIONS and not self._is_closed:
                await self._changed.wait()
            return not self._is_closed

    async def _carry(self, connection: AsyncTunnelled) -> None:
        try:
            error = await connection.run()
        finally:
            async with self._changed:
                self._connections.discard(connection)
                self._changed.notify_all()
        if error is not None:
            self._on_error(error)

    def _warn(self, error: AgentTierError) -> None:
        _log.warning("%s: %s", self._what, error)
