"""Files of a sandbox."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from agenttier import _paths
from agenttier._async.transfer import AsyncDownload, AsyncUpload
from agenttier._async.transport import AsyncTransport
from agenttier._file_part import rfc3339
from agenttier._models import FileEntry, FileWritten
from agenttier._sinks import FileSink, MemorySink
from agenttier._waits import in_thread

MAX_READ = 256 * 1024 * 1024
"""Bytes that ``read`` takes into memory unless it is told otherwise."""


class AsyncFiles:
    """Paths are absolute below the workspace or relative to it. Transfers go on by themselves after a cut."""

    def __init__(self, transport: AsyncTransport, namespace: str, sandbox: str) -> None:
        self._transport = transport
        self._namespace = namespace
        self._sandbox = sandbox

    async def list(self, path: str = "") -> list[FileEntry]:
        """What is in a folder, by default the workspace."""
        query = {"path": path, "list": "true"}
        entries: list[FileEntry] = []
        while True:
            answer = await self._transport.json("GET", self._url(), query=query)
            entries += [FileEntry.model_validate(item) for item in answer.get("entries") or ()]
            resume = answer.get("continue")
            if not resume or resume == query.get("continue"):
                return entries
            query["continue"] = str(resume)

    async def stat(self, path: str) -> FileEntry:
        """One entry; of a link the link itself."""
        answer = await self._transport.json("GET", self._url(), query={"path": path, "stat": "true"})
        return FileEntry.model_validate(answer)

    async def read(self, path: str, *, limit: int = MAX_READ) -> bytes:
        """All bytes of a file of at most ``limit`` bytes."""
        sink = MemorySink(limit)
        await AsyncDownload(self._transport, self._namespace, self._sandbox, path).into(sink)
        return bytes(sink.content)

    async def write(self, path: str, content: bytes | str, *, mode: str = "") -> FileWritten:
        """Makes or replaces a file, and the folders above it.

        Up to 16 MiB are atomic. ``mode`` is octal text such as ``0755``; by default that of the former file, else 0644.
        """
        data = content.encode() if isinstance(content, str) else content
        return await self._upload(path, mode).from_stream(io.BytesIO(data))

    async def upload(self, local: str | os.PathLike[str] | BinaryIO, path: str, *, mode: str = "") -> FileWritten:
        """A local file, with its permission bits and time, or a binary stream, read to its end, in constant memory."""
        if not isinstance(local, (str, os.PathLike)):
            return await self._upload(path, mode).from_stream(local)
        file = Path(local)
        source = await in_thread(lambda: file.open("rb"))
        try:
            status = os.fstat(source.fileno())
            own = format(status.st_mode & 0o777, "04o")
            return await self._upload(path, mode or own, rfc3339(status.st_mtime_ns)).from_stream(source)
        finally:
            await in_thread(source.close)

    async def download(self, path: str, local: str | os.PathLike[str]) -> Path:
        """Into a local file, with permission bits and time, in constant memory. It has its name only when it is whole."""
        target = Path(local)
        sink = await in_thread(lambda: FileSink(target))
        try:
            head = await AsyncDownload(self._transport, self._namespace, self._sandbox, path).into(sink)
            await in_thread(lambda: sink.commit(head.mode, head.last_modified))
        finally:
            sink.discard()
        return target

    async def mkdir(self, path: str, *, mode: str = "") -> None:
        """Makes a folder and those above it. One that is there stays, and takes ``mode`` if that is given.

        :raises ConflictError: something else is there
        """
        await self._change({"operation": "mkdir", "path": path} | ({"mode": mode} if mode else {}))

    async def move(self, path: str, to: str, *, overwrite: bool = False) -> None:
        """Gives a file or folder another path, at once; folders above that are made.

        :raises ConflictError: something is at ``to``, and may not or cannot be replaced
        """
        await self._change({"operation": "move", "path": path, "to": to, "overwrite": overwrite})

    async def remove(self, path: str, *, recursive: bool = False) -> None:
        """Removes a file, or a folder; with ``recursive`` all that is in it too. The workspace itself is only emptied.

        :raises ConflictError: the folder has content
        :raises NotFoundError: nothing is there
        """
        query = {"path": path, "recursive": "true" if recursive else "false"}
        await self._transport.json("DELETE", self._url(), query=query)

    async def _change(self, body: Mapping[str, object]) -> None:
        await self._transport.json("POST", self._url(), body=body)

    def _upload(self, path: str, mode: str, mtime: str = "") -> AsyncUpload:
        return AsyncUpload(self._transport, self._namespace, self._sandbox, path, mode, mtime)

    def _url(self) -> str:
        return _paths.subresource(self._namespace, self._sandbox, "files")
