"""Standard input on its way to a process: each byte reaches it once, over however many connections."""

from __future__ import annotations

from agenttier._async.transport import AsyncTransport
from agenttier._async.websocket import AsyncWebSocket
from agenttier._background import AsyncBackground, AsyncCondition
from agenttier._channels import STDIN, end_of_stdin, on_channel, resize
from agenttier._cursor import OutputCursor
from agenttier._errors import AgentTierError, APIError, UnreachableError
from agenttier._pending_input import CAPACITY, PIECE, PendingInput
from agenttier._stdin_source import AsyncStdinSource, async_pieces, whole
from agenttier._waits import async_sleep

_FIRST_WAIT = 0.02
_LONGEST_WAIT = 2.0


class AsyncStdin:
    """What is given is kept until the server says that the process has it: all of what was in memory anyway, else 4 MiB at most.

    :param source: all of it; None where it comes by :meth:`give`
    """

    def __init__(self, transport: AsyncTransport, path: str, cursor: OutputCursor, source: AsyncStdinSource | None) -> None:
        self._transport = transport
        self._processes = path
        self._cursor = cursor
        self._source = source
        self._background = AsyncBackground()
        self._changed = AsyncCondition()
        # guarded by the condition
        self._pending = PendingInput()
        self._socket: AsyncWebSocket | None = None
        self._at = 0
        self._begun_at = -1
        self._is_end_sent = False
        self._has_news = False
        self._size: bytes | None = None
        self._is_over = False
        self._failure: BaseException | None = None

    def start(self) -> None:
        """Begins to work in the background."""
        self._background.start(self._send)
        if self._source is not None:
            content = whole(self._source)
            if content is None:
                self._background.start(self._read)
            else:
                self._pending.append(content)
                self._pending.end()

    def check(self) -> None:
        """Raises what the source of the input raised."""
        if self._failure is not None:
            raise self._failure

    async def give(self, data: bytes) -> None:
        """Adds bytes at the end, waiting while too much is on its way."""
        for begin in range(0, len(data), PIECE):
            if not await self._put(data[begin : begin + PIECE]):
                raise AgentTierError("the process takes no more input: it has ended, or its stream was left")

    async def end(self) -> None:
        """Nothing more will come."""
        async with self._changed:
            self._pending.end()
            self._changed.notify_all()

    async def resize(self, columns: int, rows: int) -> None:
        message = resize(columns, rows)
        async with self._changed:
            self._size = message
            if self._socket is not None:
                self._socket.queue(message)
                self._has_news = True
                self._changed.notify_all()

    async def connected(self, socket: AsyncWebSocket, offset: int | None) -> bool:
        """A connection goes on at ``offset``, what the process has; None if it is not for writing.

        :return: whether the process has more than the connection before began with
        :raises AgentTierError: the process has been given other input than ours
        """
        async with self._changed:
            has_more = offset is not None and offset > self._begun_at
            # it may have failed while there was no connection to abort
            self.check()
            if offset is not None:
                self._pending.begin(offset)
                if not self._pending.acknowledge(offset):
                    raise AgentTierError(
                        f"process {self._cursor.process} has {offset} bytes of standard input, which is not what it was sent: "
                        "did another client write to it?"
                    )
                self._at = self._begun_at = offset
                self._is_end_sent = False
            else:
                self._is_end_sent = True
            if self._size is not None:
                socket.queue(self._size)
            self._has_news = True
            self._socket = socket
            self._changed.notify_all()
            return has_more

    async def disconnected(self) -> None:
        async with self._changed:
            self._socket = None
            self._changed.notify_all()

    async def heard(self) -> None:
        """A ping may want its answer."""
        async with self._changed:
            self._has_news = True
            self._changed.notify_all()

    async def aclose(self) -> None:
        async with self._changed:
            self._is_over = True
            self._changed.notify_all()
        await self._background.aclose()

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
                async with self._changed:
                    if self._socket is socket:
                        self._socket = None
                socket.read_the_rest()

    def _prepared(self) -> bool:
        """Puts the next message into the present connection; whether there is something to flush."""
        if self._socket is None:
            return False
        has_news, self._has_news = self._has_news, False
        piece = None if self._is_end_sent else self._pending.next(self._at)
        if piece is not None:
            self._socket.queue(on_channel(STDIN, bytes(piece)))
            self._at += len(piece)
        elif not self._is_end_sent and self._pending.is_whole(self._at):
            self._socket.queue(end_of_stdin())
            self._is_end_sent = True
        else:
            return has_news
        return True

    async def _read(self) -> None:
        """Anything that goes wrong with the source is told to the one that reads events."""
        try:
            if self._source is not None:
                async for piece in async_pieces(self._source):
                    await self.give(piece)
            await self.end()
        except Exception as e:
            async with self._changed:
                if self._is_over:
                    return
                self._failure = e
                socket = self._socket
            if socket is not None:
                await socket.abort()

    async def _put(self, piece: bytes) -> bool:
        async with self._changed:
            if self._is_over or self._pending.has_ended:
                return False
            is_full = self._pending.size + len(piece) > CAPACITY
        if is_full:
            await self._await_room()
        async with self._changed:
            if self._is_over:
                return False
            self._pending.append(piece)
            self._changed.notify_all()
        return True

    async def _await_room(self) -> None:
        """Until half is free. The stream does not tell how much the process has taken, so this is asked for."""
        wait = _FIRST_WAIT
        while True:
            await async_sleep(wait)
            taken = await self._taken()
            async with self._changed:
                before = self._pending.size
                if self._is_over:
                    return
                if taken is not None and self._pending.size:
                    self._pending.acknowledge(taken)
                if self._pending.size <= CAPACITY // 2:
                    return
                wait = _FIRST_WAIT if self._pending.size < before else min(2 * wait, _LONGEST_WAIT)

    async def _taken(self) -> int | None:
        """Bytes that the process has; None where that could not be learnt now."""
        try:
            answer = await self._transport.json("GET", self._processes, query={"process": self._cursor.process})
        except UnreachableError:
            return None
        except APIError as e:
            if e.status_code in (401, 403):
                await self._reconnect()
            return None
        for item in answer.get("items") or ():
            identity = str(item.get("id"))
            if identity == self._cursor.process or identity.endswith(f".{self._cursor.process}"):
                taken = item.get("bytesStdin")
                return taken if isinstance(taken, int) else None
        return None

    async def _reconnect(self) -> None:
        """One who may attach but not list processes learns it from the next connection."""
        async with self._changed:
            socket = self._socket
        if socket is not None:
            await socket.abort()
