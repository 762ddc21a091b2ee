"""Ports of a sandbox as ports of this machine: python e2e/tunnel.py NAMESPACE SANDBOX, whose image is test-static."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import threading
import time

from agenttier import AgentTierClient, AgentTierError, APIError, AsyncAgentTierClient, LocalAddress, Sandbox

ECHO = 7001
NOBODY = 7999
SIZE = 1 << 20
LIMIT = 60.0


def echo(address: LocalAddress) -> None:
    content = os.urandom(SIZE)
    received = bytearray()
    with socket.create_connection(address, timeout=LIMIT) as connection:

        def write() -> None:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)

        writing = threading.Thread(target=write)
        writing.start()
        while data := connection.recv(1 << 16):
            received += data
        writing.join()
    assert received == content + f"end of {SIZE}".encode(), f"{len(received)} bytes came back"


def refused(address: LocalAddress) -> None:
    with socket.create_connection(address, timeout=LIMIT) as connection:
        try:
            data = connection.recv(1)
        except ConnectionResetError:
            return
    raise AssertionError(f"expected a reset, got {data!r}")


def check(errors: list[AgentTierError]) -> None:
    (error,) = errors
    assert isinstance(error, APIError), error
    assert error.status_code == 502, error
    assert f"port {NOBODY} of the sandbox" in str(error), error


async def asynchronous(namespace: str, name: str) -> None:
    errors: list[AgentTierError] = []
    async with AsyncAgentTierClient(namespace=namespace) as client:
        box = await client.get_sandbox(name)
        async with box.tunnel(ECHO) as address:
            await asyncio.gather(*(asyncio.to_thread(echo, address) for _ in range(4)))
        async with box.tunnel(NOBODY, on_error=errors.append) as address:
            await asyncio.to_thread(refused, address)
    check(errors)
    print("async: 0 bytes lost or doubled", flush=True)


def main(namespace: str, name: str) -> None:
    errors: list[AgentTierError] = []
    with AgentTierClient(namespace=namespace) as client:
        box = client.get_sandbox(name)
        box.start(["/static", "listen", f"127.0.0.1:{ECHO}"])
        until_it_listens(box)
        with box.tunnel(ECHO) as address:
            echo(address)
        with box.tunnel(NOBODY, on_error=errors.append) as address:
            refused(address)
        check(errors)
        print("sync: 0 bytes lost or doubled", flush=True)
        asyncio.run(asynchronous(namespace, name))
    print("done")


def until_it_listens(box: Sandbox) -> None:
    """Each try is a connection; one that is refused is told as 502."""
    errors: list[AgentTierError] = []
    deadline = time.monotonic() + LIMIT
    with box.tunnel(ECHO, on_error=errors.append) as address:
        while time.monotonic() < deadline:
            with contextlib.suppress(ConnectionResetError), socket.create_connection(address, timeout=LIMIT) as connection:
                connection.shutdown(socket.SHUT_WR)
                assert connection.recv(100) == b"end of 0"
                return
    raise AssertionError(f"nothing listens after {LIMIT} s: {errors[-1:]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
