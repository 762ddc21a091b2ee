"""A real HTTPS server in a thread, which may break a connection after any byte of an answer."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import trustme


@dataclass(frozen=True)
class Request:
    """What a client sent; names of header fields are lower case. ``certificate`` is the common name of the client's, if any."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    certificate: str = ""


@dataclass(frozen=True)
class Answer:
    """All bytes to send, head included; after ``cut`` of them the connection breaks."""

    content: bytes
    cut: int | None = None


@dataclass(frozen=True)
class Takeover:
    """The connection belongs to ``run`` from now on, and breaks when that returns."""

    run: Callable[[ssl.SSLSocket], None]


def document(body: bytes, *, status: str = "200 OK", media_type: str = "application/json", headers: str = "") -> Answer:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return Answer(head.encode() + body)


def chunked(pieces: list[bytes], media_type: str) -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + body + b"0\r\n\r\n"


class HttpsServer:
    """Serves on 127.0.0.1; ``serve`` turns a request into an answer. One thread a connection."""

    authority = trustme.CA()
    _certificate = authority.issue_cert("127.0.0.1")

    def __init__(self, serve: Callable[[Request], Answer | Takeover]) -> None:
        self._serve = serve
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._certificate.configure_cert(self._context)
        self.authority.configure_trust(self._context)
        self._context.verify_mode = ssl.CERT_OPTIONAL
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self.requests: list[Request] = []

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def ca_cert(self) -> bytes:
        return self.authority.cert_pem.bytes()

    def __enter__(self) -> HttpsServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connection, args=(connection,), daemon=True).start()

    def _connection(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with self._context.wrap_socket(connection, server_side=True) as tls:
                while self._exchange(tls):
                    pass
        except OSError:
            connection.close()

    def _exchange(self, tls: ssl.SSLSocket) -> bool:
        stream = tls.makefile("rb")
        line = stream.readline()
        if not line:
            return False
        method, target, _ = line.decode().split()
        headers = {}
        while (field := stream.readline().strip()) != b"":
            name, _, value = field.decode().partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", "0")))
        request = Request(method, target, headers, body, _common_name(tls))
        self.requests.append(request)
        answer = self._serve(request)
        if isinstance(answer, Takeover):
            answer.run(tls)
            return False
        if answer.cut is None:
            tls.sendall(answer.content)
            return True
        if answer.cut:
            tls.sendall(answer.content[: answer.cut])
        return False


def _common_name(tls: ssl.SSLSocket) -> str:
    certificate: dict[str, Any] = dict(tls.getpeercert() or {})
    for (name, value), *_ in certificate.get("subject", ()):
        if name == "commonName":
            return str(value)
    return ""
