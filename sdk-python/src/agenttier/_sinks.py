"""Where a download goes."""

from __future__ import annotations

import contextlib
import email.utils
import os
import tempfile
from pathlib import Path
from typing import Protocol

from agenttier._errors import AgentTierError


class Sink(Protocol):
    """Takes the bytes of a file in order."""

    def write(self, data: bytes) -> None: ...


class MemorySink:
    """At most ``limit`` bytes: what a sandbox holds is not ours to trust."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.content = bytearray()

    def write(self, data: bytes) -> None:
        if len(self.content) + len(data) > self._limit:
            raise AgentTierError(f"the file has more than {self._limit} bytes: raise limit=, or use download()")
        self.content += data


class FileSink:
    """A file that has its name only when it is whole: until then nobody sees it, and the former one stays."""

    def __init__(self, target: Path) -> None:
        self._target = target
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
        self._part = Path(name)
        self._stream = os.fdopen(handle, "wb")

    def write(self, data: bytes) -> None:
        self._stream.write(data)

    def commit(self, mode: str, last_modified: str) -> None:
        """Gives the file its name, permission bits and time; ``mode`` is octal text, both may be empty."""
        self._stream.flush()
        # setuid and the like are not taken over from a sandbox
        os.fchmod(self._stream.fileno(), int(mode or "0644", 8) & 0o777)
        self._stream.close()
        modified = email.utils.parsedate_to_datetime(last_modified).timestamp() if last_modified else None
        if modified is not None:
            os.utime(self._part, (modified, modified))
        self._part.replace(self._target)

    def discard(self) -> None:
        """Removes what there is; nothing after :meth:`commit`."""
        self._stream.close()
        with contextlib.suppress(FileNotFoundError):
            self._part.unlink()
