"""One connection of a tunnel."""

from __future__ import annotations

from agenttier._async.transport import AsyncTransport
from agenttier._async.websocket import AsyncWebSocket, websocket
from agenttier._background import AsyncBackground, AsyncCondition
from agenttier._channels import HALF_CLOSE, STATUS, STDIN, STDOUT, PortLastWords, end_of_stdin, on_channel
from agenttier._errors import AgentTierError, UnreachableError
from agenttier._local import AsyncLocalStream
from agenttier._wire import Closed

_END_OF_PORT = bytes((STDOUT,))


class AsyncTunnelled:
    """A connection of this machine joined to one of a sandbox: bytes and ends of directions pass, at the slower side's pace.

    One that breaks on one side breaks on the other, so that nobody takes a part for the whole.
    """

    def __init__(self, transport: AsyncTransport, path: str, port: int, local: AsyncLocalStream) -> None:
        self._transport = transport
        self._path = path
        self._port = port
        self._local = local
        self._background = AsyncBackground()
        self._changed = AsyncCondition()
        # guarded by the condition
        self._socket: AsyncWebSocket | None = None
        self._piece: bytes | None = None
        self._has_ended = False
        self._is_end_sent = False
        self._has_news = False
        self._is_over = False
        self._is_left = False

    async def run(self) -> AgentTierError | None:
        """Carries it to its end.

        :return: what went wrong beyond this machine
        """
        is_whole = False
        try:
            async with websocket(self._transport, self._path, {"port": str(self._port)}) as socket:
                await self._carry(socket)
            is_whole = True
        except AgentTierError as e:
            return None if self._is_left else e
        finally:
            if not is_whole:
                self._local.reset()
            await self._local.aclose()
        return None

    async def abort(self) -> None:
        """Breaks it, now or as soon as it is there; what that leads to is no error."""
        async with self._changed:
            self._is_left = True
            socket = self._socket
        if socket is not None:
            await socket.abort()

    async def _carry(self, socket: AsyncWebSocket) -> None:
        async with self._changed:
            self._socket = socket
            if self._is_left:
                raise UnreachableError("the tunnel was closed")
        self._background.start(self._read)
        self._background.start(self._send)
        try:
            await self._receive(socket)
        except OSError as e:
            self._is_left = True
            raise UnreachableError(f"the local side broke: {e}") from e
        finally:
            async with self._changed:
                self._is_over = True
                self._changed.notify_all()
            self._local.interrupt()
            await socket.abort()
            await self._background.join()

    async def _receive(self, socket: AsyncWebSocket) -> None:
        last_words = PortLastWords(self._port)
        while True:
            message = await socket.receive()
            if isinstance(message, Closed):
                last_words.judge(message)
                return
            async with self._changed:
                # a ping may want its answer
                self._has_news = True
                self._changed.notify_all()
            if not message:
                continue
            channel, data = message[0], message[1:]
            if channel == STDOUT and data:
                await socket.hand_over(self._local, data)
            elif channel == HALF_CLOSE and data == _END_OF_PORT:
                last_words.port_ended()
                self._local.end()
            elif channel == STATUS:
                last_words.status(data)

    async def _read(self) -> None:
        """What the local side says, a piece at a time: the next is read when the one before is on its way."""
        try:
            while data := await self._local.read():
                if not await self._put(data):
                    return
        except OSError:
            await self.abort()
            return
        async with self._changed:
            self._has_ended = True
            self._changed.notify_all()

    async def _put(self, data: bytes) -> bool:
        async with self._changed:
            while self._piece is not None and not self._is_over:
                await self._changed.wait()
            self._piece = data
            self._changed.notify_all()
            return not self._is_over

    async def _send(self) -> None:
        while True:
            async with self._changed:
                while not self._is_over and not self._prepared():
                    await self._changed.wait()
                socket = self._socket
                if self._is_over or socket is None:
                    return
            try:
                await socket.flush()
            except UnreachableError:
                socket.read_the_rest()
                return

    def _prepared(self) -> bool:
        """Puts the next message into the connection; whether there is something to flush."""
        if self._socket is None:
            return False
        has_news, self._has_news = self._has_news, False
        if self._piece is not None:
            self._socket.queue(on_channel(STDIN, self._piece))
            self._piece = None
            self._changed.notify_all()
        elif self._has_ended and not self._is_end_sent:
            self._socket.queue(end_of_stdin())
            self._is_end_sent = True
        else:
            return has_news
        return True
