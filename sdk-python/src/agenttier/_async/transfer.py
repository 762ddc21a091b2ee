"""One file in or out. kube-apiserver cuts a call after 60 s: larger files come in several, each where the last one ended."""

from __future__ import annotations

from typing import BinaryIO

from agenttier import _paths
from agenttier._async.transport import AsyncTransport
from agenttier._errors import AgentTierError, APIError, ConflictError, UnreachableError
from agenttier._file_part import FileHead, first_head, goes_on
from agenttier._models import FileWritten
from agenttier._retry import PASSING, Backoff
from agenttier._sinks import Sink
from agenttier._waits import async_sleep, in_thread

PART = 16 * 1024 * 1024
"""Bytes of one call: within 60 s even over 3 Mbit/s."""

_MAX_FRUITLESS = 8
_SILENCE = 60.0
_CHANGED = frozenset({412, 416})


class AsyncDownload:
    """Reads one file from its beginning to its end."""

    def __init__(self, transport: AsyncTransport, namespace: str, sandbox: str, path: str) -> None:
        self._transport = transport
        self._url = _paths.subresource(namespace, sandbox, "files")
        self._path = path
        self._position = 0
        self._head: FileHead | None = None
        self._backoff = Backoff()

    async def into(self, sink: Sink) -> FileHead:
        """All bytes into ``sink``.

        :raises AgentTierError: the file was changed meanwhile, or is a folder
        """
        while True:
            before = self._position
            try:
                head = await self._part(sink)
                if self._position == head.total:
                    return head
                problem: AgentTierError = UnreachableError("the answer ended before the file")
            except UnreachableError as e:
                problem = e
            except APIError as e:
                if e.status_code not in PASSING:
                    raise
                problem = e
            if self._position > before:
                self._backoff.reset()
            if self._head is None or not self._head.etag or self._backoff.tries >= _MAX_FRUITLESS:
                raise problem
            await async_sleep(self._backoff.next())

    async def _part(self, sink: Sink) -> FileHead:
        headers = {}
        if self._head is not None and self._position > 0:
            headers = {
                "Range": f"bytes={self._position}-",
                "If-Match": self._head.etag,
                "If-Range": self._head.etag,
            }
        async with self._transport.stream(
            "GET",
            self._url,
            query={"path": self._path},
            accept="application/octet-stream, */*;q=0.5",
            headers=headers,
            silence=_SILENCE,
            allowed=_CHANGED,
        ) as response:
            if self._position == 0 and response.is_success:
                self._head = first_head(self._path, response.headers)
            elif self._head is None or not goes_on(response.status_code, response.headers, self._head, self._position):
                raise AgentTierError(f"{self._path!r} was changed while it was read: try again")
            async for piece in response.aiter_bytes():
                if self._position + len(piece) > self._head.total:
                    raise AgentTierError(f"the server sent more of {self._path!r} than its length")
                await in_thread(lambda data=piece: sink.write(data))  # type: ignore[misc]
                self._position += len(piece)
        return self._head


class AsyncUpload:
    """Writes one file. One part replaces the former file at once; others are appended, and readers see it grow."""

    def __init__(self, transport: AsyncTransport, namespace: str, sandbox: str, path: str, mode: str, mtime: str = "") -> None:
        self._transport = transport
        self._url = _paths.subresource(namespace, sandbox, "files")
        self._path = path
        self._mode = {"mode": mode} if mode else {}
        self._mtime = {"mtime": mtime} if mtime else {}
        self._backoff = Backoff()

    async def from_stream(self, source: BinaryIO) -> FileWritten:
        part = await in_thread(lambda: read_part(source))
        written = await self._replace(part)
        size = len(part)
        while len(part) == PART:
            part = await in_thread(lambda: read_part(source))
            if part:
                written = await self._append(part, size)
                size += len(part)
        return written

    async def _replace(self, part: bytes) -> FileWritten:
        """Atomic, so repeating it does no harm."""
        self._backoff.reset()
        query = {"path": self._path} | self._mode | self._mtime
        while True:
            try:
                return FileWritten.model_validate(
                    await self._transport.json("PUT", self._url, query=query, content=part, silence=_SILENCE)
                )
            except UnreachableError as e:
                if not e.was_sent:
                    raise
                await self._again(e)
            except APIError as e:
                if e.status_code not in PASSING:
                    raise
                await self._again(e)

    async def _append(self, part: bytes, size: int) -> FileWritten:
        """After a cut the file may hold none, some or all of the part: its size tells where to go on."""
        self._backoff.reset()
        done = 0
        problem: AgentTierError | None = None
        while True:
            try:
                if problem is not None:
                    done = await self._size() - size
                    if not 0 <= done <= len(part):
                        raise AgentTierError(
                            f"somebody else changed {self._path!r} while it was written: it has {size + done} bytes now"
                        )
                query = {"path": self._path, "offset": str(size + done)} | self._mtime
                answer = await self._transport.json("PUT", self._url, query=query, content=part[done:], silence=_SILENCE)
                return FileWritten.model_validate(answer)
            except UnreachableError as e:
                problem = e
            except APIError as e:
                # a conflict after a cut: the part that broke off was still being written when the size was asked
                is_late = isinstance(e, ConflictError) and problem is not None
                if e.status_code not in PASSING and not is_late:
                    raise
                problem = e
            await self._again(problem)

    async def _size(self) -> int:
        answer = await self._transport.json("GET", self._url, query={"path": self._path, "stat": "true"})
        size = answer.get("size")
        if not isinstance(size, int):
            raise AgentTierError(f"the server gave no size of {self._path!r}")
        return size

    async def _again(self, problem: AgentTierError) -> None:
        if self._backoff.tries >= _MAX_FRUITLESS:
            raise problem
        await async_sleep(self._backoff.next())


def read_part(source: BinaryIO, size: int | None = None) -> bytes:
    """A whole part, or ``size`` bytes, less only at the end."""
    size = PART if size is None else size
    part = bytearray()
    while len(part) < size:
        piece = source.read(size - len(part))
        if not piece:
            break
        part += piece
    return bytes(part)
