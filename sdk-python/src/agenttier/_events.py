"""What a running command tells, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Stream = Literal["stdout", "stderr"]


@dataclass(frozen=True)
class Started:
    """First event: the process runs, or is joined. ``process`` is its id."""

    process: str


@dataclass(frozen=True)
class Output:
    """Bytes of one stream. ``offset`` is the position after them in the view asked for."""

    stream: Stream
    data: bytes
    offset: int

    @property
    def text(self) -> str:
        """``data`` as UTF-8. A character may be split between two events: join ``data`` first where that matters."""
        return self.data.decode("utf-8", "replace")


@dataclass(frozen=True)
class Gap:
    """Bytes ``start`` to ``end`` of the view were dropped in the sandbox, since its store for output was full."""

    start: int
    end: int


@dataclass(frozen=True)
class Exited:
    """Last event. ``reason`` is ``completed``, ``signaled``, ``error``, ``timeout``, ``canceled``, ``oom`` or ``lost``.

    ``exit_code`` is None only for ``lost``: an unknown outcome is never a number.
    """

    process: str
    reason: str
    exit_code: int | None
    message: str = ""
    signal: str = ""
    duration_ms: int | None = None


Event = Started | Output | Gap | Exited
