"""Where one reads in the output of a process: nothing is lost or doubled when the stream comes from several connections. Pure."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from agenttier._errors import AgentTierError
from agenttier._events import Event, Exited, Gap, Output, Started, Stream
from agenttier._sse import MalformedEventError, ServerEvent


class OutputCursor:
    """Turns server events into typed ones and remembers ``position``, the offset after the last byte given out."""

    def __init__(self, process: str, position: int = 0) -> None:
        self.process = process
        """Its id as the server gave it, or the name that was asked for until it does."""
        self.position = position
        self.is_confirmed = False
        """Whether the server has said that the process was started."""
        self.has_ended = False
        self._is_told = False

    def confirm(self) -> None:
        """The process was started, says an answer that is no event."""
        self.is_confirmed = True

    def joined(self, process: str, first_offset: int) -> list[Event]:
        """What a connection tells at its beginning: the id of the process, and the first offset of its output that is kept."""
        self.is_confirmed = True
        found: list[Event] = []
        if not self._is_told:
            self._is_told = True
            self.process = process
            found.append(Started(process))
        if first_offset > self.position:
            found.append(Gap(self.position, first_offset))
            self.position = first_offset
        return found

    def next_output(self, stream: Stream, data: bytes) -> Output:
        """Bytes that follow those before, from a stream without offsets."""
        self.position += len(data)
        return Output(stream, data, self.position)

    def accept(self, event: ServerEvent) -> Event | None:
        """The typed event, or None where there is nothing new in it.

        :raises AgentTierError: the process could not be started
        :raises MalformedEventError: it cannot follow what came before; the connection is then of no use
        """
        if event.event not in ("start", "log", "gap", "exit", "error", "continue"):
            return None
        data = event.json()
        if event.event == "log":
            return self._output(data)
        if event.event == "start":
            return self._started(data)
        if event.event == "gap":
            return self._gap(data)
        if event.event == "exit":
            return self._exited(data)
        if event.event == "continue":
            self._named(_field(data, "process", str))
        elif not self.is_confirmed:
            self.has_ended = True
            raise AgentTierError(str(data.get("message") or "the process could not be started"))
        return None

    def _started(self, data: dict[str, Any]) -> Event | None:
        if self._is_told:
            return None
        self._named(_field(data, "invokeId" if "invokeId" in data else "process", str))
        self._is_told = True
        return Started(self.process)

    def _named(self, process: str) -> None:
        self.process = process
        self.is_confirmed = True

    def _output(self, data: dict[str, Any]) -> Event | None:
        end = _field(data, "offset", int)
        stream = data.get("stream")
        if stream not in ("stdout", "stderr"):
            raise MalformedEventError(f"output of stream {stream!r}, expected stdout or stderr")
        content = _bytes(data)
        begin = end - len(content)
        if begin > self.position or begin < 0:
            raise MalformedEventError(f"output begins at {begin}, expected {self.position}")
        if end <= self.position:
            return None
        new = content[self.position - begin :]
        self.position = end
        return Output("stdout" if stream == "stdout" else "stderr", new, end)

    def _gap(self, data: dict[str, Any]) -> Event | None:
        end = _field(data, "to", int)
        if end <= self.position:
            return None
        start, self.position = self.position, end
        return Gap(start, end)

    def _exited(self, data: dict[str, Any]) -> Event:
        code = data.get("exitCode")
        duration = data.get("durationMs")
        self.has_ended = True
        return Exited(
            process=self.process,
            reason=_field(data, "reason", str),
            exit_code=code if isinstance(code, int) else None,
            message=str(data.get("message") or ""),
            signal=str(data.get("signal") or ""),
            duration_ms=duration if isinstance(duration, int) else None,
        )


def _field(data: dict[str, Any], name: str, kind: type[Any]) -> Any:
    value = data.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise MalformedEventError(f"field {name} of an event is missing or of another type")
    return value


def _bytes(data: dict[str, Any]) -> bytes:
    text = data.get("data")
    if isinstance(text, str):
        try:
            return text.encode()
        except UnicodeEncodeError as e:
            raise MalformedEventError("data of an event holds half a character") from e
    encoded = data.get("dataBase64")
    if not isinstance(encoded, str):
        raise MalformedEventError("an event of output holds neither data nor dataBase64")
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error as e:
        raise MalformedEventError("dataBase64 of an event is no base64") from e
