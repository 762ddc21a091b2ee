"""Files of a sandbox."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from agenttier import _paths
from agenttier._archive_format import ArchiveFormat, format_of_content, format_of_name
from agenttier._async.archive import AsyncArchiveDownload, AsyncArchiveUpload
from agenttier._async.transfer import AsyncDownload, AsyncUpload, read_part
from agenttier._async.transport import AsyncTransport
from agenttier._file_part import rfc3339
from agenttier._models import ArchiveExtracted, FileEntry, FileWritten
from agenttier._sinks import FileSink, MemorySink
from agenttier._waits import in_thread

MAX_READ = 256 * 1024 * 1024
"""Bytes that ``read`` takes into memory unless it is told otherwise."""

_PAGE = 5000
"""The most entries that a page may have: each page costs the sandbox a look at the whole folder."""


class AsyncFiles:
    """Paths are absolute below the workspace or relative to it. Transfers go on by themselves after a cut."""

    def __init__(self, transport: AsyncTransport, namespace: str, sandbox: str) -> None:
        self._transport = transport
        self._namespace = namespace
        self._sandbox = sandbox

    async def list(self, path: str = "") -> list[FileEntry]:
        """What is in a folder, by default the workspace."""
        query = {"path": path, "list": "true", "limit": str(_PAGE)}
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

    async def archive(
        self, path: str | None = None, *, dest: str | os.PathLike[str] | BinaryIO, format: ArchiveFormat | None = None
    ) -> int:
        """A folder, by default the workspace, as one archive into ``dest``, in constant memory; returns its size.

        ``format`` is ``zip`` or ``tar.gz``, by default what the name of ``dest`` says, else ``zip``. A local file has its name
        only when it is whole. What cannot be archived, such as a FIFO or an unreadable file, is named at the end of the archive:
        the comment of a zip, pax record ``AGENTTIER.leftout`` of a tar.

        :raises NotFoundError: there is no such folder
        """
        if not isinstance(dest, (str, os.PathLike)):
            return await self._archive(path, format or "zip").into(dest.write)
        target = Path(dest)
        sink = await in_thread(lambda: FileSink(target))
        try:
            size = await self._archive(path, format or format_of_name(target.name)).into(sink.write)
            await in_thread(lambda: sink.commit("", ""))
        finally:
            sink.discard()
        return size

    async def extract(
        self, source: str | os.PathLike[str] | BinaryIO, path: str | None = None, *, format: ArchiveFormat | None = None
    ) -> ArchiveExtracted:
        """Extracts a local archive, or one from a binary stream, into a folder, by default the workspace, in constant memory.

        ``format`` is ``zip``, ``tar`` or ``tar.gz``, by default what the archive itself says.

        :raises APIError: 400, an entry would lie outside the folder, or cannot be read; those before it stay
        """
        if not isinstance(source, (str, os.PathLike)):
            return await self._extract(source, path, format)
        file = Path(source)
        opened = await in_thread(lambda: file.open("rb"))
        try:
            return await self._extract(opened, path, format)
        finally:
            await in_thread(opened.close)

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

    async def _extract(self, source: BinaryIO, path: str | None, format: ArchiveFormat | None) -> ArchiveExtracted:
        beginning = await in_thread(lambda: read_part(source, 2))
        upload = AsyncArchiveUpload(
            self._transport, self._namespace, self._sandbox, path or "", format or format_of_content(beginning)
        )
        return await upload.from_stream(beginning, source)

    def _archive(self, path: str | None, format: ArchiveFormat) -> AsyncArchiveDownload:
        return AsyncArchiveDownload(self._transport, self._namespace, self._sandbox, path or "", format)

    def _upload(self, path: str, mode: str, mtime: str = "") -> AsyncUpload:
        return AsyncUpload(self._transport, self._namespace, self._sandbox, path, mode, mtime)

    def _url(self) -> str:
        return _paths.subresource(self._namespace, self._sandbox, "files")
