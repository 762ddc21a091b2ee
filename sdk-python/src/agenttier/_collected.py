"""From the events of a command to its result. Pure."""

from __future__ import annotations

from agenttier._events import Event, Exited, Gap, Output
from agenttier._models import CommandResult

MAX_OUTPUT = 256 * 1024 * 1024
"""Bytes of output that a call keeps unless it is told otherwise."""


class CollectedOutput:
    """Keeps at most ``limit`` bytes of both streams together."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._stdout = bytearray()
        self._stderr = bytearray()
        self._dropped = 0
        self._is_truncated = False
        self._exited: Exited | None = None

    def add(self, event: Event) -> None:
        if isinstance(event, Output):
            room = self._limit - len(self._stdout) - len(self._stderr)
            if self._is_truncated or len(event.data) > room:
                data = b"" if self._is_truncated else event.data[:room]
                self._is_truncated = True
            else:
                data = event.data
            (self._stdout if event.stream == "stdout" else self._stderr).extend(data)
        elif isinstance(event, Gap):
            self._dropped += event.end - event.start
        elif isinstance(event, Exited):
            self._exited = event

    def result(self) -> CommandResult:
        """After the last event."""
        exited = self._exited
        if exited is None:
            raise ValueError("the command has not ended")
        return CommandResult(
            process=exited.process,
            exit_code=exited.exit_code,
            reason=exited.reason,
            stdout_bytes=bytes(self._stdout),
            stderr_bytes=bytes(self._stderr),
            message=exited.message,
            signal=exited.signal,
            duration_ms=exited.duration_ms,
            dropped_bytes=self._dropped,
            truncated=self._is_truncated,
        )
