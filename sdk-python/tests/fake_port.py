"""A port of a sandbox, reached by WebSocket as the API lets one reach it."""

from __future__ import annotations

import contextlib
import json
import select
import ssl
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.frames import Frame, Opcode
from websockets.http11 import Request as Handshake
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from tests.fake_attach import SANDBOX
from tests.https_server import Answer, Request, Takeover, document

_BLOCK = 64 * 1024
_WANT = (ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Port:
    """What listens there. The methods are called by the connection's thread, which reads and writes as both sides can."""

    def opened(self, connection: PortConnection) -> None:
        pass

    def received(self, connection: PortConnection, data: bytes) -> None:
        pass

    def client_ended(self, connection: PortConnection) -> None:
        pass

    def ponged(self, connection: PortConnection) -> None:
        pass

    def was_cut(self) -> None:
        pass


class PortServer:
    """All calls of one sandbox with one port; ``most`` connections were open at the same time."""

    def __init__(self, make: Callable[[], Port], refusal: Answer | None = None) -> None:
        self._make = make
        self._refusal = refusal
        self._lock = threading.Lock()
        self._open = 0
        self.most = 0
        self.asked: list[dict[str, list[str]]] = []

    def __call__(self, request: Request) -> Answer | Takeover:
        parts = urlsplit(request.target)
        if not parts.path.endswith("/portforward"):
            return document(SANDBOX)
        self.asked.append(parse_qs(parts.query))
        return self._refusal or Takeover(lambda tls: self._serve(tls, request))

    def _serve(self, tls: ssl.SSLSocket, request: Request) -> None:
        with self._lock:
            self._open += 1
            self.most = max(self.most, self._open)
        port = self._make()
        try:
            if not PortConnection(tls, port).run(request):
                port.was_cut()
        finally:
            with self._lock:
                self._open -= 1


class PortConnection:
    def __init__(self, tls: ssl.SSLSocket, port: Port) -> None:
        self._tls = tls
        self._port = port
        self._protocol = ServerProtocol(subprotocols=[Subprotocol("v5.channel.k8s.io")], max_size=None)
        self._out = bytearray()
        self._port_ended = False
        self._client_ended = False
        self._is_cut = False
        self._is_closing = False

    @property
    def unsent(self) -> int:
        """Bytes that the client has not taken."""
        return len(self._out)

    def send(self, data: bytes) -> None:
        for begin in range(0, len(data), _BLOCK):
            self._message(b"\x01" + data[begin : begin + _BLOCK])

    def end(self) -> None:
        """The port has sent all."""
        self._message(b"\xff\x01")
        self._port_ended = True
        self._close_if_both_ended()

    def _close_if_both_ended(self) -> None:
        if self._port_ended and self._client_ended:
            self.close(1000, "", {"status": "Success"})

    def ping(self) -> None:
        self._protocol.send_ping(b"")
        self._take_out()

    def close(self, code: int, reason: str, status: dict[str, Any] | None = None) -> None:
        if status:
            self._message(b"\x03" + json.dumps(status).encode())
        self._protocol.send_close(code, reason)
        self._take_out()
        self._is_closing = True

    def cut(self) -> None:
        """After what was sent so far."""
        self._is_cut = True

    def _message(self, message: bytes) -> None:
        self._protocol.send_binary(message)
        self._take_out()

    def _take_out(self) -> None:
        self._out += b"".join(self._protocol.data_to_send())

    def run(self, request: Request) -> bool:
        """To the end; False if the client cut it."""
        self._shake_hands(request)
        self._tls.setblocking(False)
        with contextlib.suppress(OSError):
            self._port.opened(self)
            while self._out or not (self._is_cut or self._is_closing):
                if self._moved() is None:
                    return False
            if self._is_cut:
                return True
            self._drain()
            return True
        return False

    def _drain(self) -> None:
        """As apiserver does: closing over unread bytes would send a reset, which overtakes what was written."""
        self._tls.setblocking(True)
        with contextlib.suppress(OSError):
            while self._tls.recv(_BLOCK):
                pass

    def _moved(self) -> bool | None:
        """Whether there was something to do, None at the end."""
        if not self._tls.pending():
            select.select([self._tls], [self._tls] if self._out else [], [])
        with contextlib.suppress(*_WANT):
            while self._out:
                del self._out[: self._tls.send(self._out[: 1 << 20])]
        try:
            data = self._tls.recv(_BLOCK)
        except _WANT:
            return False
        if not data:
            return None
        self._protocol.receive_data(data)
        for frame in self._protocol.events_received():
            if isinstance(frame, Frame):
                self._frame(frame)
        return True

    def _frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PONG:
            self._port.ponged(self)
        elif frame.opcode is Opcode.BINARY:
            channel, data = frame.data[0], bytes(frame.data[1:])
            if channel == 0:
                self._port.received(self, data)
            elif channel == 255:
                assert data == b"\x00"
                self._client_ended = True
                self._port.client_ended(self)

    def _shake_hands(self, request: Request) -> None:
        head = f"GET {request.target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        self._protocol.receive_data(head.encode() + b"\r\n")
        (handshake,) = self._protocol.events_received()
        assert isinstance(handshake, Handshake)
        self._protocol.send_response(self._protocol.accept(handshake))
        self._tls.sendall(b"".join(self._protocol.data_to_send()))
