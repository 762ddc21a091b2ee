"""A folder as an archive, out and in. kube-apiserver cuts a call after 60 s: both go on where the last call ended."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import BinaryIO

from agenttier import _paths
from agenttier._archive_format import check_whole, first_process
from agenttier._async.transfer import PART, read_part
from agenttier._async.transport import AsyncTransport
from agenttier._errors import AgentTierError, APIError, AuthorizationError, UnreachableError
from agenttier._models import ArchiveExtracted
from agenttier._retry import PASSING, Backoff
from agenttier._waits import async_sleep, in_thread

Take = Callable[[bytes], object]
"""Takes the bytes of an archive in order."""

_MAX_FRUITLESS = 8
# A kept connection may end under the first call; what it has begun nobody reads, and it is cancelled.
_MAX_STARTS = 2
_SILENCE = 60.0
_MAX_WAITS = 1000
"""Answers that the archive is still being extracted; one comes in 25 s."""


class AsyncArchiveDownload:
    """Reads one archive. It is made by a process of the sandbox, whose output goes on by ``log`` after a cut."""

    def __init__(self, transport: AsyncTransport, namespace: str, sandbox: str, path: str, format: str) -> None:
        self._transport = transport
        self._archive = _paths.subresource(namespace, sandbox, "archive")
        self._log = _paths.subresource(namespace, sandbox, "log")
        self._processes = _paths.subresource(namespace, sandbox, "processes")
        self._query = {"path": path, "format": format}
        self._process = ""
        self._position = 0
        self._backoff = Backoff()

    async def into(self, take: Take) -> int:
        """All bytes into ``take``; returns how many.

        :raises AgentTierError: the archive was not made to its end
        """
        while True:
            before = self._position
            try:
                await self._part(take)
                return self._position
            except UnreachableError as e:
                problem: AgentTierError = e
            except APIError as e:
                if e.status_code not in PASSING:
                    raise
                problem = e
            if self._position > before:
                self._backoff.reset()
            elif self._process:
                await self._check()
            if self._backoff.tries >= (_MAX_FRUITLESS if self._process else _MAX_STARTS):
                raise problem
            await async_sleep(self._backoff.next())

    async def _part(self, take: Take) -> None:
        url, query = self._archive, self._query
        if self._process:
            url = self._log
            query = {"process": self._process, "stream": "stdout", "offset": str(self._position), "follow": "true"}
        accept = "application/zip, application/gzip, application/octet-stream"
        async with self._transport.stream("GET", url, query=query, accept=accept, silence=_SILENCE) as response:
            if not self._process:
                self._process = first_process(response.headers)
            async for piece in response.aiter_bytes():
                await in_thread(lambda data=piece: take(data))  # type: ignore[misc]
                self._position += len(piece)

    async def _check(self) -> None:
        """Whether there is anything to go on with: a process that failed is cut at its end again and again."""
        try:
            answer = await self._transport.json("GET", self._processes)
        except (UnreachableError, AuthorizationError):
            return
        check_whole(answer, self._process)


class AsyncArchiveUpload:
    """Extracts one archive, which is sent in parts: repeating one does no harm."""

    def __init__(self, transport: AsyncTransport, namespace: str, sandbox: str, path: str, format: str) -> None:
        self._transport = transport
        self._url = _paths.subresource(namespace, sandbox, "archive")
        self._query = {"path": path, "format": format, "upload": uuid.uuid4().hex}
        self._backoff = Backoff()

    async def from_stream(self, first: bytes, source: BinaryIO) -> ArchiveExtracted:
        """``first`` are bytes that were read of ``source`` already."""
        part = first + await in_thread(lambda: read_part(source, PART - len(first)))
        offset = 0
        while len(part) == PART:
            await self._send(part, offset, "false")
            offset += len(part)
            part = await in_thread(lambda: read_part(source))
        for _ in range(_MAX_WAITS):
            answer = await self._send(part, offset, "true")
            if "files" in answer:
                return ArchiveExtracted.model_validate(answer)
            offset, part = offset + len(part), b""
        raise AgentTierError("the sandbox has not extracted the archive within hours")

    async def _send(self, part: bytes, offset: int, final: str) -> dict[str, object]:
        self._backoff.reset()
        query = self._query | {"offset": str(offset), "final": final}
        while True:
            try:
                return await self._transport.json("PUT", self._url, query=query, content=part, silence=_SILENCE)
            except UnreachableError as e:
                problem: AgentTierError = e
            except APIError as e:
                if e.status_code not in PASSING:
                    raise
                problem = e
            if self._backoff.tries >= _MAX_FRUITLESS:
                raise problem
            await async_sleep(self._backoff.next())
