"""Random bytes through a command and back: python e2e/stdin.py NAMESPACE TEMPLATE [--size BYTES] [--breaks] [--kill NAMESPACE].

--breaks goes through a proxy that breaks connections; --kill ends all replicas of the apiserver in NAMESPACE on the way.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from agenttier import AgentTierClient, AsyncAgentTierClient, CommandResult, RetryConfig, Sandbox
from breaking_proxy import BreakingProxy, through_proxy

PIECE = 100_003
COMMANDS = ("cat", "cat >&2; exit 3")


class Content:
    """The same bytes each time that it is read, and how often the apiserver is to be killed on the way."""

    def __init__(self, size: int) -> None:
        self.bytes = os.urandom(size)
        self.digest = hashlib.sha256(self.bytes).hexdigest()

    def pieces(self, killer: Killer | None) -> Iterator[bytes]:
        for begin in range(0, len(self.bytes), PIECE):
            if killer is not None and begin > len(self.bytes) // 3:
                killer.kill_once()
            yield self.bytes[begin : begin + PIECE]


class Killer:
    def __init__(self, client: AgentTierClient, namespace: str) -> None:
        self._client = client
        self._pods = f"/api/v1/namespaces/{namespace}/pods"
        self.is_due = False
        self.killed = 0

    def kill_once(self) -> None:
        if not self.is_due:
            return
        self.is_due = False
        query = {"labelSelector": "app.kubernetes.io/component=apiserver"}
        for pod in self._client._transport.json("GET", self._pods, query=query)["items"]:
            body = {"gracePeriodSeconds": 0}
            self._client._transport.json("DELETE", f"{self._pods}/{pod['metadata']['name']}", body=body)
            self.killed += 1


def check(result: CommandResult, command: str, content: Content) -> None:
    streams = [result.stdout_bytes, result.stderr_bytes]
    wanted, empty = streams if command == "cat" else reversed(streams)
    assert result.reason == "completed", result.failure()
    assert result.exit_code == (0 if command == "cat" else 3), result.failure()
    assert (len(wanted), hashlib.sha256(wanted).hexdigest()) == (len(content.bytes), content.digest), command
    assert empty == b""


def say(surface: str, command: str, content: Content, begun: float, proxy: BreakingProxy | None, killer: Killer | None) -> None:
    seconds = time.monotonic() - begun
    events = ([f"{proxy.broken} broken connections"] if proxy else []) + ([f"{killer.killed} replicas killed"] if killer else [])
    told = ", ".join(["0 bytes lost or doubled", *events])
    print(f"{surface} {command!r}: {len(content.bytes)} bytes in and out, {told}, {seconds:.1f} s", flush=True)


def synchronous(box: Sandbox, content: Content, proxy: BreakingProxy | None, killer: Killer | None) -> None:
    for command in COMMANDS:
        begun = time.monotonic()
        if killer is not None:
            killer.is_due = True
        check(box.exec(command, stdin=content.pieces(killer), timeout=900), command, content)
        say("sync", command, content, begun, proxy, killer)


async def asynchronous(
    client: AsyncAgentTierClient, name: str, content: Content, proxy: BreakingProxy | None, killer: Killer | None
) -> None:
    async with client:
        box = await client.get_sandbox(name)
        for command in COMMANDS:
            begun = time.monotonic()
            # what is in memory, and what comes piece by piece, take turns
            stdin = content.bytes if command == "cat" and killer is None else content.pieces(killer)
            if killer is not None:
                killer.is_due = True
            check(await box.exec(command, stdin=stdin, timeout=900), command, content)
            say("async", command, content, begun, proxy, killer)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("namespace")
    arguments.add_argument("template")
    arguments.add_argument("--size", type=int, default=64 * 1024 * 1024)
    arguments.add_argument("--breaks", action="store_true")
    arguments.add_argument("--kill", metavar="NAMESPACE")
    given = arguments.parse_args()
    content = Content(given.size)
    retry = RetryConfig(max_retries=20)
    with tempfile.TemporaryDirectory() as folder, AgentTierClient(namespace=given.namespace, retry=retry) as direct:
        kubeconfig = Path(os.environ["KUBECONFIG"])
        proxy = None
        if given.breaks:
            proxy, kubeconfig = through_proxy(kubeconfig, Path(folder), random.Random())
        killer = Killer(direct, given.kill) if given.kill else None
        box = direct.create_sandbox(template=given.template)
        try:
            box.wait_until_running()
            if proxy is not None:
                proxy.most = 8 * 1024 * 1024
            with AgentTierClient(kubeconfig=kubeconfig, namespace=given.namespace, retry=retry) as client:
                synchronous(client.get_sandbox(box.name), content, proxy, killer)
            other = AsyncAgentTierClient(kubeconfig=kubeconfig, namespace=given.namespace, retry=retry)
            asyncio.run(asynchronous(other, box.name, content, proxy, killer))
        finally:
            box.terminate()
        if proxy is not None:
            proxy.close()
    print("done")


if __name__ == "__main__":
    main()
