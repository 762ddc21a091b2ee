"""Server-sent events from bytes in any pieces. Pure; bounded, since what a sandbox writes is in them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

MAX_EVENT = 8 * 1024 * 1024
"""Bytes of one event; the server sends at most 1 MiB of output, in base64 or escaped."""


class MalformedEventError(Exception):
    """The stream is none of server-sent events, or one is too large."""


@dataclass(frozen=True)
class ServerEvent:
    """One event; a comment has neither ``event`` nor ``data``."""

    event: str
    data: str

    def json(self) -> dict[str, Any]:
        """:raises MalformedEventError: ``data`` is no JSON object"""
        try:
            data = json.loads(self.data)
        except (ValueError, RecursionError) as e:
            raise MalformedEventError(f"event {self.event} holds no JSON") from e
        if not isinstance(data, dict):
            raise MalformedEventError(f"event {self.event} holds no JSON object")
        return data


class EventParser:
    """Feed it bytes as they come. An event that was not ended by an empty line is never given out."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._searched = 0
        self._event = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, data: bytes) -> list[ServerEvent]:
        """Events completed by ``data``."""
        self._rest += data
        done: list[ServerEvent] = []
        begin = 0
        while (end := self._rest.find(b"\n", max(begin, self._searched))) >= 0:
            line = bytes(self._rest[begin:end]).removesuffix(b"\r")
            begin = end + 1
            self._line(line, done)
        del self._rest[:begin]
        self._searched = len(self._rest)
        if self._size + len(self._rest) > MAX_EVENT:
            raise MalformedEventError(f"an event of the server has more than {MAX_EVENT} bytes")
        return done

    def _line(self, line: bytes, done: list[ServerEvent]) -> None:
        if not line:
            if self._event or self._data:
                done.append(ServerEvent(self._event or "message", "\n".join(self._data)))
            self._event, self._data, self._size = "", [], 0
            return
        if line.startswith(b":"):
            done.append(ServerEvent("", ""))
            return
        self._size += len(line)
        if self._size > MAX_EVENT:
            raise MalformedEventError(f"an event of the server has more than {MAX_EVENT} bytes")
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        try:
            text = value.decode("utf-8")
        except UnicodeDecodeError as e:
            raise MalformedEventError("an event of the server is no UTF-8") from e
        if name == b"event":
            self._event = text
        elif name == b"data":
            self._data.append(text)
