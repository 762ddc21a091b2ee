"""A process that answers its standard input, served by WebSocket as the API serves it, over connections that break."""

from __future__ import annotations

import contextlib
import json
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.frames import Frame, Opcode
from websockets.http11 import Request as Handshake
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from tests.fake_process import PROCESS, event, exited, log, start
from tests.https_server import Answer, Request, Takeover, chunked, document

SANDBOX = b'{"metadata":{"name":"box","namespace":"team","uid":"1"},"status":{"phase":"Running"}}'
STATUS = {"status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": [{"reason": "ExitCode", "message": "7"}]}}


def refused(code: int, reason: str) -> Answer:
    body = json.dumps({"kind": "Status", "status": "Failure", "message": "no", "reason": reason, "code": code}).encode()
    return document(body, status=f"{code} {reason}")


@dataclass
class Limits:
    """After how many bytes a connection breaks; None for never. ``sent`` counts the head of the answer as well."""

    received: int | None = None
    sent: int | None = None


class BrokenOnPurposeError(Exception):
    pass


class EchoProcess:
    """Writes every byte of its input to stdout, every third one also to stderr, ``end`` at the end, and exits with 7."""

    def __init__(self, *, block: int = 5) -> None:
        self.stdin = bytearray()
        self.is_closed = False
        self.block = block
        self.output: list[tuple[str, bytes]] = []
        self.ends = 0
        self.sizes: list[dict[str, int]] = []

    def take(self, data: bytes) -> None:
        for begin in range(0, len(data), self.block):
            piece = data[begin : begin + self.block]
            at = len(self.stdin)
            self.stdin += piece
            self.output.append(("stdout", piece))
            if third := piece[(2 - at) % 3 :: 3]:
                self.output.append(("stderr", third))

    def close(self) -> None:
        self.ends += 1
        if not self.is_closed:
            self.is_closed = True
            self.output.append(("stdout", b"end"))

    def after(self, offset: int) -> list[tuple[str, bytes, int]]:
        """Stream, bytes and end of what comes from ``offset`` of the combined view on."""
        found, position = [], 0
        for stream, data in self.output:
            end = position + len(data)
            if end > offset:
                found.append((stream, data[max(0, offset - position) :], end))
            position = end
        return found


class AttachServer:
    """All calls of one sandbox with one process.

    ``limits`` and ``closings`` are those of the first connections; ``screen`` is where one begins who names no offset.
    """

    def __init__(self, process: EchoProcess, limits: list[Limits] | None = None) -> None:
        self.process = process
        self.limits = limits or []
        self.closings: list[tuple[int, str, dict[str, Any]]] = []
        self.lists_processes = True
        self.starts: list[dict[str, Any]] = []
        self.attached: list[dict[str, str]] = []
        self.screen = 0
        self.cancelled = 0
        self.polls = 0

    def __call__(self, request: Request) -> Answer | Takeover:
        parts = urlsplit(request.target)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        match request.method, parts.path.rpartition("/")[2]:
            case "POST", "exec":
                self.starts.append(json.loads(request.body))
                return document(json.dumps({"process": PROCESS}).encode(), status="202 Accepted")
            case "GET", "attach":
                self.attached.append(query)
                return Takeover(lambda tls: self._attach(tls, request, query))
            case "GET", "log":
                return Answer(chunked(self._log(int(query["offset"])), "text/event-stream"))
            case "GET", "processes":
                return self._processes()
            case "DELETE", "processes":
                self.cancelled += 1
                return Answer(b"HTTP/1.1 204 No Content\r\n\r\n")
        return document(SANDBOX)

    def _log(self, offset: int) -> list[bytes]:
        outputs = [log(stream, data, end) for stream, data, end in self.process.after(offset)]
        return [start(offset), *outputs, exited(0, exitCode=7)] if self.process.is_closed else [start(offset), event("x", 0, {})]

    def _processes(self) -> Answer:
        self.polls += 1
        if not self.lists_processes:
            return refused(403, "Forbidden")
        return document(json.dumps({"items": [{"id": PROCESS, "bytesStdin": len(self.process.stdin)}]}).encode())

    def _attach(self, tls: ssl.SSLSocket, request: Request, query: dict[str, str]) -> None:
        limits = self.limits.pop(0) if self.limits else Limits()
        closing = self.closings.pop(0) if self.closings else None
        with contextlib.suppress(BrokenOnPurposeError):
            _Session(tls, self.process, limits, int(query.get("offset", self.screen))).run(request, closing)


class _Session:
    def __init__(self, tls: ssl.SSLSocket, process: EchoProcess, limits: Limits, offset: int) -> None:
        self._tls = tls
        self._process = process
        self._limits = limits
        self._position = offset
        self._protocol = ServerProtocol(subprotocols=[Subprotocol("v5.channel.k8s.io")], max_size=None)
        self._message = bytearray()
        self._is_over = False

    def run(self, request: Request, closing: tuple[int, str, dict[str, Any]] | None) -> None:
        self._shake_hands(request)
        if closing is not None:
            code, reason, status = closing
            self._end(code, reason, status)
        while not self._is_over:
            self._write_output()
            if self._process.is_closed:
                self._end(1000, "", STATUS)
                return
            self._read()

    def _shake_hands(self, request: Request) -> None:
        head = f"GET {request.target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        self._protocol.receive_data(head.encode() + b"\r\n")
        (handshake,) = self._protocol.events_received()
        assert isinstance(handshake, Handshake)
        answer = self._protocol.accept(handshake)
        answer.headers["AgentTier-Process"] = PROCESS
        answer.headers["AgentTier-First-Offset"] = "0"
        answer.headers["AgentTier-Offset"] = str(self._position)
        answer.headers["AgentTier-Stdin-Offset"] = str(len(self._process.stdin))
        self._protocol.send_response(answer)
        self._flush()

    def _write_output(self) -> None:
        for stream, data, end in self._process.after(self._position):
            self._protocol.send_binary((b"\x01" if stream == "stdout" else b"\x02") + data)
            self._flush()
            self._position = end

    def _read(self) -> None:
        left = self._limits.received
        data = self._tls.recv(64 * 1024 if left is None else min(left, 64 * 1024)) if left != 0 else b""
        if not data:
            raise BrokenOnPurposeError
        if left is not None:
            self._limits.received = left - len(data)
        self._protocol.receive_data(data)
        for frame in self._protocol.events_received():
            if isinstance(frame, Frame):
                self._frame(frame)

    def _frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.CLOSE:
            self._is_over = True
        elif frame.opcode is Opcode.BINARY:
            channel, data = frame.data[0], bytes(frame.data[1:])
            if channel == 0:
                self._process.take(data)
            elif channel == 4:
                self._process.sizes.append(json.loads(data))
            elif channel == 255:
                assert data == b"\x00"
                self._process.close()

    def _end(self, code: int, reason: str, status: dict[str, Any]) -> None:
        if status:
            self._protocol.send_binary(b"\x03" + json.dumps(status).encode())
        self._protocol.send_close(code, reason)
        self._flush()
        self._is_over = True
        self._drain()

    def _drain(self) -> None:
        """As apiserver does: closing over unread bytes would send a reset, which overtakes what was written."""
        with contextlib.suppress(OSError):
            while self._tls.recv(64 * 1024):
                pass

    def _flush(self) -> None:
        data = b"".join(self._protocol.data_to_send())
        limit = self._limits.sent
        if limit is not None:
            self._limits.sent = limit - len(data)
            if limit <= len(data):
                if limit:
                    self._tls.sendall(data[:limit])
                raise BrokenOnPurposeError
        self._tls.sendall(data)
