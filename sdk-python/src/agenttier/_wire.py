"""Frames of a WebSocket (RFC 6455) from bytes and to bytes, over a connection that is not ours to know. No I/O."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import httpx
from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from agenttier._errors import UnreachableError

PROTOCOL = "v5.channel.k8s.io"
MAX_MESSAGE = 4 * 1024 * 1024
"""Bytes of one message; the server's have at most 64 KiB."""

_CUT = 1006


@dataclass(frozen=True)
class Closed:
    """The server's close frame."""

    code: int
    reason: str


class Wire:
    """One WebSocket. A reader and a writer may use it at the same time; bytes to send leave in order by :meth:`outgoing`."""

    def __init__(self) -> None:
        # the real address is that of the HTTP request
        self._protocol = ClientProtocol(parse_uri("ws://upgrade/"), subprotocols=[Subprotocol(PROTOCOL)], max_size=MAX_MESSAGE)
        self._lock = threading.Lock()
        self._request = self._protocol.connect()
        self._message = bytearray()

    def request_headers(self) -> dict[str, str]:
        """Of the GET that asks for the upgrade; all but ``Host``."""
        return {name: value for name, value in self._request.headers.raw_items() if name.lower() != "host"}

    def accept(self, response: httpx.Response) -> None:
        """:raises UnreachableError: the answer 101 is not that of a server of ours"""
        self._protocol.send_request(self._request)
        self._protocol.data_to_send()
        answer = Response(101, "Switching Protocols", Headers(response.headers.multi_items()))
        self._protocol.receive_data(answer.serialize())
        self._protocol.events_received()
        if self._protocol.state is not State.OPEN or self._protocol.subprotocol != PROTOCOL:
            why = self._protocol.handshake_exc
            raise UnreachableError(f"the server does not agree to a WebSocket of {PROTOCOL}" + (f": {why}" if why else ""))

    def received(self, data: bytes) -> list[bytes | Closed]:
        """Messages completed by ``data``; pings are answered with the next :meth:`outgoing`.

        :raises UnreachableError: the server breaks the rules of frames
        """
        with self._lock:
            if data:
                self._protocol.receive_data(data)
            else:
                self._protocol.receive_eof()
            events = self._protocol.events_received()
            error = self._protocol.parser_exc
        found: list[bytes | Closed] = []
        for event in events:
            if isinstance(event, Frame):
                self._frame(event, found)
        if error is not None and not found:
            raise UnreachableError(f"the connection broke: {error}") from error
        return found

    def _frame(self, frame: Frame, found: list[bytes | Closed]) -> None:
        if frame.opcode is Opcode.CLOSE:
            closed = self._protocol.close_rcvd
            found.append(Closed(closed.code, closed.reason) if closed else Closed(_CUT, ""))
        elif frame.opcode in (Opcode.BINARY, Opcode.TEXT, Opcode.CONT):
            self._message += frame.data
            if frame.fin:
                found.append(bytes(self._message))
                self._message.clear()

    def queue(self, message: bytes) -> None:
        """A binary message to send; nothing once the connection is closing."""
        with self._lock:
            if self._protocol.state is State.OPEN:
                self._protocol.send_binary(message)

    def outgoing(self) -> bytes:
        """What is to be written now."""
        with self._lock:
            return b"".join(self._protocol.data_to_send())
