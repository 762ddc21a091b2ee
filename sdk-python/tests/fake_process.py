"""A process whose output is known, served as the API serves it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PROCESS = "exec-0a1b2c3d0123456789abcdef"


def event(name: str, position: int, data: dict[str, Any]) -> bytes:
    return f"event: {name}\nid: {position}\ndata: {json.dumps(data)}\n\n".encode()


def start(position: int = 0, process: str = PROCESS) -> bytes:
    return event("start", position, {"process": process, "startedAt": 1767225600000})


def log(stream: str, content: bytes, end: int) -> bytes:
    data: dict[str, Any] = {"stream": stream, "offset": end}
    try:
        data["data"] = content.decode()
    except UnicodeDecodeError:
        data["dataBase64"] = base64.b64encode(content).decode()
    return event("log", end, data)


def gap(begin: int, end: int) -> bytes:
    return event("gap", end, {"from": begin, "to": end})


def exited(position: int, **outcome: Any) -> bytes:
    outcome = {"exitCode": 0, "durationMs": 12, "reason": "completed"} | outcome
    return event("exit", position, {"process": PROCESS, **outcome})


@dataclass(frozen=True)
class FakeProcess:
    """``output`` is what it wrote, in order of arrival."""

    output: tuple[tuple[str, bytes], ...]
    exit_code: int = 0

    def bytes_of(self, stream: str) -> bytes:
        return b"".join(content for name, content in self.output if name == stream)

    def events(self, offset: int = 0) -> Iterator[bytes]:
        """Everything from ``offset`` of the combined view on."""
        yield start(offset)
        yield b": keepalive\n\n"
        position = 0
        for stream, content in self.output:
            end = position + len(content)
            if end > offset:
                yield log(stream, content[max(0, offset - position) :], end)
            position = end
        yield exited(position, exitCode=self.exit_code)
