"""A port of a sandbox on 127.0.0.1: bytes and ends pass as they are, and what breaks there breaks here."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import anyio.to_thread
import pytest

import agenttier._async.tunnel
import agenttier._sync.tunnel
from agenttier import (
    AgentTierError,
    APIError,
    AsyncAgentTierClient,
    AuthorizationError,
    BearerTokenAuth,
    LocalAddress,
    SandboxErrorState,
    UnreachableError,
)
from agenttier._channels import PortLastWords
from agenttier._wire import Closed
from tests.fake_attach import refused
from tests.fake_port import Port, PortConnection, PortServer
from tests.https_server import HttpsServer
from tests.test_stdin import client_of

SIZE = 1 << 20
LIMIT = 120.0

Use = Callable[[LocalAddress], None]
Errors = list[AgentTierError]
Run = Callable[..., Errors]


def through_sync(script: PortServer, use: Use, *, after: Callable[[], None] | None = None) -> Errors:
    errors: Errors = []
    with HttpsServer(script) as server, client_of(server) as client:
        with client.get_sandbox("box").tunnel(8000, on_error=errors.append) as address:
            use(address)
        if after:
            after()
    return errors


def through_async(script: PortServer, use: Use, *, after: Callable[[], None] | None = None) -> Errors:
    errors: Errors = []

    async def main() -> None:
        with HttpsServer(script) as server:
            async with AsyncAgentTierClient(server.url, BearerTokenAuth("t", ca_cert=server.ca_cert), namespace="team") as client:
                async with (await client.get_sandbox("box")).tunnel(8000, on_error=errors.append) as address:
                    await anyio.to_thread.run_sync(use, address)
                if after:
                    await anyio.to_thread.run_sync(after)

    anyio.run(main)
    return errors


@pytest.fixture(params=[through_sync, through_async], ids=["sync", "async"])
def run(request: pytest.FixtureRequest) -> Run:
    chosen: Run = request.param
    return chosen


def connect(address: LocalAddress) -> socket.socket:
    return socket.create_connection(address, timeout=LIMIT)


def read_all(connection: socket.socket) -> bytes:
    received = bytearray()
    while data := connection.recv(1 << 16):
        received += data
    return bytes(received)


def until_reset(connection: socket.socket) -> bytes:
    received = bytearray()
    with pytest.raises(ConnectionResetError):
        while data := connection.recv(1 << 16):
            received += data
    return bytes(received)


class Echo(Port):
    """Begins with a ping, and ends only after its pong, with the number of bytes."""

    def __init__(self) -> None:
        self.count = 0
        self.waits_for = 2

    def opened(self, connection: PortConnection) -> None:
        connection.ping()

    def received(self, connection: PortConnection, data: bytes) -> None:
        self.count += len(data)
        connection.send(data)

    def client_ended(self, connection: PortConnection) -> None:
        self._one_less(connection)

    def ponged(self, connection: PortConnection) -> None:
        self._one_less(connection)

    def _one_less(self, connection: PortConnection) -> None:
        self.waits_for -= 1
        if self.waits_for:
            return
        connection.send(f"end of {self.count}".encode())
        connection.end()


def echoed(address: LocalAddress, content: bytes) -> bytes:
    with connect(address) as connection, ThreadPoolExecutor() as pool:

        def write() -> None:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)

        written = pool.submit(write)
        received = read_all(connection)
        written.result()
    return received


def test_bytes_pass_both_ways_and_each_end_by_itself(run: Run) -> None:
    script = PortServer(Echo)
    content = os.urandom(SIZE)

    def use(address: LocalAddress) -> None:
        assert str(address) == f"127.0.0.1:{address.port}"
        received = echoed(address, content)
        assert hashlib.sha256(received[:SIZE]).digest() == hashlib.sha256(content).digest()
        assert received[SIZE:] == f"end of {SIZE}".encode()
        assert echoed(address, b"") == b"end of 0"

    assert run(script, use) == []
    assert script.asked == [{"port": ["8000"]}] * 2


def test_many_connections_at_once_are_kept_apart(run: Run) -> None:
    script = PortServer(Echo)

    def use(address: LocalAddress) -> None:
        contents = [bytes((number,)) * 70_000 for number in range(12)]
        with ThreadPoolExecutor(12) as pool:
            for content, received in zip(contents, pool.map(lambda c: echoed(address, c), contents), strict=True):
                assert received == content + b"end of 70000"

    assert run(script, use) == []


class Flood(Port):
    """Sends much at once, and tells at the end of what it gets how much of that had not been taken by then."""

    SENT = 24 << 20
    """More than the kernel keeps on the way."""

    def __init__(self) -> None:
        self.unsent_at_end = -1
        self.has_got_all = threading.Event()

    def opened(self, connection: PortConnection) -> None:
        connection.send(bytes(self.SENT))

    def client_ended(self, connection: PortConnection) -> None:
        self.unsent_at_end = connection.unsent
        self.has_got_all.set()
        connection.end()


def test_a_side_that_does_not_read_holds_up_only_what_it_would_read(run: Run) -> None:
    port = Flood()

    def use(address: LocalAddress) -> None:
        with connect(address) as connection:
            connection.sendall(bytes(SIZE))
            connection.shutdown(socket.SHUT_WR)
            # nothing is read before all has arrived
            assert port.has_got_all.wait(LIMIT)
            assert len(read_all(connection)) == Flood.SENT

    assert run(PortServer(lambda: port), use) == []
    assert port.unsent_at_end > 0, "what nobody reads piles up in the tunnel"


def test_where_nothing_listens_the_connection_breaks_and_the_tunnel_goes_on(run: Run) -> None:
    script = PortServer(Echo, refused(502, "BadGateway"))

    def use(address: LocalAddress) -> None:
        for _ in range(2):
            with connect(address) as connection:
                assert until_reset(connection) == b""

    errors = run(script, use)
    assert [(type(error), getattr(error, "status_code", 0)) for error in errors] == [(APIError, 502)] * 2


def test_without_another_wish_errors_are_warnings(caplog: pytest.LogCaptureFixture) -> None:
    with HttpsServer(PortServer(Echo, refused(502, "BadGateway"))) as server, client_of(server) as client:
        with caplog.at_level(logging.WARNING, "agenttier"), client.get_sandbox("box").tunnel(8000) as address:
            with connect(address) as connection:
                until_reset(connection)
    assert [record.getMessage() for record in caplog.records] == ["connection to port 8000 of sandbox box: no"]


class Ends(Port):
    """Sends ``half`` and ends in its own way once it has got something."""

    def __init__(self, how: Callable[[PortConnection], None]) -> None:
        self._how = how

    def received(self, connection: PortConnection, data: bytes) -> None:
        connection.send(b"half")
        self._how(connection)


LOST = {"status": "Failure", "reason": "Lost", "message": "it is gone"}
WAYS: dict[str, tuple[Callable[[PortConnection], None], type[AgentTierError], str]] = {
    "broken": (lambda c: c.close(4009, "error", {"message": "what listens broke it"}), UnreachableError, "what listens broke it"),
    "cut": (lambda c: c.cut(), UnreachableError, "connection"),
    "closed without an end": (lambda c: c.close(1000, ""), UnreachableError, "broke"),
    "going away": (lambda c: c.close(1001, ""), UnreachableError, "1001"),
    "stopped": (lambda c: c.close(4001, "sandbox_stopped", LOST), SandboxErrorState, "it is gone"),
    "revoked": (lambda c: c.close(4003, "access_revoked", {"message": "the right has ended"}), AuthorizationError, "right"),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_breaks_there_breaks_here(run: Run, way: str) -> None:
    how, kind, message = WAYS[way]

    def use(address: LocalAddress) -> None:
        with connect(address) as connection:
            connection.sendall(b"x")
            assert b"half".startswith(until_reset(connection))

    (error,) = run(PortServer(lambda: Ends(how)), use)
    assert type(error) is kind
    assert message in str(error)


class Watched(Port):
    def __init__(self) -> None:
        self.cut = threading.Event()

    def received(self, connection: PortConnection, data: bytes) -> None:
        connection.send(data)

    def was_cut(self) -> None:
        self.cut.set()


def test_leaving_closes_the_listener_and_every_connection(run: Run) -> None:
    port = Watched()
    kept: list[Any] = []

    def use(address: LocalAddress) -> None:
        connection = connect(address)
        connection.sendall(b"x")
        assert connection.recv(1) == b"x"
        kept.extend((address, connection))

    def after() -> None:
        address, connection = kept
        assert until_reset(connection) == b""
        connection.close()
        assert port.cut.wait(LIMIT)
        with pytest.raises(ConnectionRefusedError):
            connect(address)

    assert run(PortServer(lambda: port), use, after=after) == []


def test_a_local_side_that_breaks_cuts_the_port_and_is_no_error(run: Run) -> None:
    port = Watched()

    def use(address: LocalAddress) -> None:
        with connect(address) as connection:
            connection.sendall(b"x")
            assert connection.recv(1) == b"x"
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        assert port.cut.wait(LIMIT)

    assert run(PortServer(lambda: port), use) == []


def test_more_connections_than_are_allowed_wait(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agenttier._async.tunnel, "MAX_CONNECTIONS", 2)
    monkeypatch.setattr(agenttier._sync.tunnel, "MAX_CONNECTIONS", 2)
    script = PortServer(Echo)

    def use(address: LocalAddress) -> None:
        with contextlib.ExitStack() as stack:
            connections = [stack.enter_context(connect(address)) for _ in range(4)]
            for connection in connections:
                connection.sendall(b"y")
                connection.shutdown(socket.SHUT_WR)
            assert [read_all(connection) for connection in connections] == [b"yend of 1"] * 4

    assert run(script, use) == []
    assert script.most <= 2
    assert len(script.asked) == 4


def test_a_tunnel_leads_to_a_port_and_is_entered_once() -> None:
    with HttpsServer(PortServer(Echo)) as server, client_of(server) as client:
        box = client.get_sandbox("box")
        for port in (0, -1, 65536):
            with pytest.raises(ValueError, match="1 to 65535"):
                box.tunnel(port)
        tunnel = box.tunnel(80)
        with tunnel, pytest.raises(AgentTierError, match="once"):
            tunnel.__enter__()
        box.tunnel(80).close()


def test_a_status_that_cannot_be_read_leaves_the_reason_of_the_close() -> None:
    words = PortLastWords(80)
    words.status(b"no JSON")
    with pytest.raises(UnreachableError, match=r"port 80 broke \(4009\): error"):
        words.judge(Closed(4009, "error"))
