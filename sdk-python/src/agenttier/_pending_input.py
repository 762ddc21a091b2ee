"""Standard input that a process may not have got yet: a cut connection takes along what was on the way. Pure."""

from __future__ import annotations

from collections import deque

CAPACITY = 4 * 1024 * 1024
"""Bytes that are kept for sending again; more than fits into the buffers between here and the process."""

PIECE = 64 * 1024
"""Bytes of one message."""


class PendingInput:
    """Bytes from the offset that the server has acknowledged to the end of what was given."""

    def __init__(self) -> None:
        self._pieces: deque[memoryview] = deque()
        self._from = 0
        self._to = 0
        self._has_begun = False
        self.has_ended = False

    @property
    def size(self) -> int:
        return self._to - self._from

    def begin(self, offset: int) -> None:
        """The first byte given, or to be given, has this offset: the process has had others. Only the first call counts."""
        if not self._has_begun:
            self._has_begun = True
            self._from += offset
            self._to += offset

    def append(self, data: bytes | memoryview) -> None:
        """They must not change afterwards."""
        if len(data):
            self._pieces.append(memoryview(data))
            self._to += len(data)

    def end(self) -> None:
        self.has_ended = True

    def acknowledge(self, offset: int) -> bool:
        """The process has everything below ``offset``: whether what follows is still here."""
        while self._pieces and self._from + len(self._pieces[0]) <= offset:
            self._from += len(self._pieces.popleft())
        if self._pieces and self._from < offset:
            self._pieces[0] = self._pieces[0][offset - self._from :]
            self._from = offset
        return self._from <= offset <= self._to

    def next(self, offset: int) -> memoryview | None:
        """At most :data:`PIECE` bytes from ``offset`` on; None where there are none yet."""
        at = self._from
        for piece in self._pieces:
            if at <= offset < at + len(piece):
                return piece[offset - at : offset - at + PIECE]
            at += len(piece)
        return None

    def is_whole(self, offset: int) -> bool:
        """Whether nothing is left to send from ``offset`` on, and nothing more will come."""
        return self.has_ended and offset >= self._to
