"""One sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Literal

from agenttier import _paths
from agenttier._async.agent import AsyncAgent
from agenttier._async.attached import AsyncAttachedProcess
from agenttier._async.files import AsyncFiles
from agenttier._async.process import AsyncExecStream, cancel
from agenttier._async.terminal import join
from agenttier._async.transport import AsyncTransport
from agenttier._async.tunnel import AsyncTunnel
from agenttier._async.waiting import AsyncWait
from agenttier._collected import MAX_OUTPUT, CollectedOutput
from agenttier._cursor import OutputCursor
from agenttier._errors import AgentTierError, CommandFailedError
from agenttier._events import Output, Stream
from agenttier._models import CommandResult, Condition, ForwardedPort, ProcessInfo, SandboxPhase, SandboxSummary
from agenttier._requests import exec_body, own_name
from agenttier._start import exec_start
from agenttier._stdin_source import AsyncStdinSource, whole

_STDIN_WITH_START = 256 * 1024
"""Bytes of standard input that go with the start; more are streamed, so that short-lived connections carry them too."""


class AsyncSandbox:
    """A sandbox. What it is like is told by the server: :meth:`status` asks, :attr:`phase` is the last answer."""

    def __init__(self, transport: AsyncTransport, summary: SandboxSummary) -> None:
        self._transport = transport
        self._summary = summary
        self.namespace = summary.namespace
        self.name = summary.name
        self.files = AsyncFiles(transport, summary.namespace, summary.name)
        self.agent = AsyncAgent(transport, summary.namespace, summary.name, self.files)

    @property
    def summary(self) -> SandboxSummary:
        """The last known state."""
        return self._summary

    @property
    def phase(self) -> SandboxPhase:
        """The last known phase."""
        return self._summary.status

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The last known conditions."""
        return self._summary.conditions

    async def status(self) -> SandboxSummary:
        """Asks the server."""
        answer = await self._transport.json("GET", _paths.sandbox(self.namespace, self.name))
        self._summary = SandboxSummary.from_object(answer)
        return self._summary

    async def wait_until_running(self, timeout: float = 120.0) -> None:
        """Waits, by watch, until it is Ready: then every call is served."""
        await AsyncWait(self._transport, self.namespace, self.name, "running", timeout).until_there()
        await self.status()

    async def wait_until_stopped(self, timeout: float = 120.0) -> None:
        """Waits, by watch, until it is Stopped: then its pod is gone."""
        await AsyncWait(self._transport, self.namespace, self.name, "stopped", timeout).until_there()
        await self.status()

    async def wait_until_deleted(self, timeout: float = 120.0) -> None:
        """Waits, by watch, until the object is gone."""
        await AsyncWait(self._transport, self.namespace, self.name, "deleted", timeout).until_there()

    async def stop(self) -> None:
        """Ends its pod; the workspace stays. Returns at once."""
        await self._transport.json("POST", self._path("stop"), body={})

    async def resume(self) -> None:
        """Starts it again on its workspace. Returns at once."""
        await self._transport.json("POST", self._path("resume"), body={})

    async def terminate(self) -> None:
        """Deletes it with its workspace. Returns at once."""
        await self._transport.json("DELETE", _paths.sandbox(self.namespace, self.name))

    async def delete(self) -> None:
        """Same as :meth:`terminate`."""
        await self.terminate()

    async def exec(
        self,
        command: str | Sequence[str],
        *,
        timeout: float | None = 30.0,
        stdin: AsyncStdinSource | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        check: bool = False,
        max_output: int = MAX_OUTPUT,
    ) -> CommandResult:
        """Runs a command to its end. A broken connection goes on at the last offset, unseen.

        :param command: a list is a program with its arguments, a string a script for ``sh -c``
        :param timeout: seconds until the server ends it (rounded up to whole ones), None for no limit
        :param stdin: all of its standard input, of any size: bytes, text, an open file, or an iterable of bytes. What is
            not in memory is read as the command takes it
        :param max_output: bytes of both streams together that are kept; then ``truncated`` is set
        :raises CommandFailedError: with ``check``, if it did not complete with exit code 0
        :raises SandboxTimeoutError: the server did not end it at its limit, or cannot be reached to tell
        """
        collected = CollectedOutput(max_output)
        async with self.exec_stream(command, timeout=timeout, stdin=stdin, env=env, cwd=cwd) as events:
            async for event in events:
                collected.add(event)
        result = collected.result()
        if check and not result.ok:
            raise CommandFailedError(result)
        return result

    def exec_stream(
        self,
        command: str | Sequence[str],
        *,
        timeout: float | None = None,
        stdin: AsyncStdinSource | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
    ) -> AsyncExecStream:
        """As :meth:`exec`, but gives its events as they come. Use it as a context manager."""
        name = own_name()
        cursor = OutputCursor(name)
        content = whole(stdin)
        if stdin is None or (content is not None and len(content) <= _STDIN_WITH_START):
            body = exec_body(command, process=name, timeout=timeout, stdin=content, env=env, cwd=cwd)
            return AsyncExecStream(self._transport, self.namespace, self.name, cursor, start=exec_start(body))
        body = exec_body(command, process=name, timeout=timeout, env=env, cwd=cwd, detach=True, open_stdin=True)
        return AsyncAttachedProcess(self._transport, self.namespace, self.name, cursor, start=exec_start(body), source=stdin)

    async def start(
        self,
        command: str | Sequence[str],
        *,
        timeout: float | None = None,
        stdin: bytes | str | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        process: str | None = None,
        open_stdin: bool = False,
        tty: bool = False,
    ) -> str:
        """Starts a command and leaves it running; returns the id of its process.

        :param process: a name for it; starting the same again is one start
        :param open_stdin: its standard input comes by :meth:`attach`
        :param tty: it gets a terminal, and what it writes is one stream
        """
        body = exec_body(
            command,
            process=process or own_name(),
            timeout=timeout,
            stdin=stdin,
            env=env,
            cwd=cwd,
            detach=True,
            open_stdin=open_stdin,
            tty=tty,
        )
        answer = await self._transport.json("POST", self._path("exec"), body=body)
        return str(answer.get("process") or body["process"])

    def follow(self, process: str, *, offset: int = 0) -> AsyncExecStream:
        """Joins a process, running or ended, and gives its events from ``offset`` on. Leaving it ends nothing."""
        return AsyncExecStream(self._transport, self.namespace, self.name, OutputCursor(process, offset))

    def attach(self, process: str, *, offset: int = 0, stdin: bool = True, takeover: bool = False) -> AsyncAttachedProcess:
        """Joins a process, to read its output from ``offset`` on and to write to it. Leaving it ends nothing.

        :param stdin: False to watch only; else it must have been started with ``open_stdin``, and nobody else may write to it
        :param takeover: sends away who writes to it now
        """
        cursor = OutputCursor(process, offset)
        return AsyncAttachedProcess(self._transport, self.namespace, self.name, cursor, writes=stdin, takeover=takeover and stdin)

    async def terminal(
        self,
        session: str = "main",
        *,
        columns: int | None = None,
        rows: int | None = None,
        stdin: bool = True,
        takeover: bool = False,
    ) -> AsyncAttachedProcess:
        """Joins the shell of a named terminal, which is started if none runs, from its last screen on.

        The shell belongs to no connection: leaving it ends nothing, and joining it again, from here or by ``kubectl sandbox
        attach``, goes on in it.

        :param session: its name, a DNS label
        :param columns: size of our terminal, with ``rows``; the server's default is 120 × 40
        :param stdin: False to watch only; one client at a time writes
        :param takeover: sends away who writes to it now
        """
        cursor = await join(self._transport, self.namespace, self.name, session, columns, rows)
        return AsyncAttachedProcess(self._transport, self.namespace, self.name, cursor, writes=stdin, takeover=takeover and stdin)

    async def logs(
        self, process: str, *, stream: Stream | None = None, offset: int = 0, follow: bool = False
    ) -> AsyncIterator[bytes]:
        """Output of a process from ``offset`` on, of one stream or of both in order of arrival.

        With ``follow`` until it ends, else to the present end. Bytes that the sandbox had to drop are left out;
        :meth:`follow` tells them.
        """
        cursor = OutputCursor(process, offset)
        events = AsyncExecStream(self._transport, self.namespace, self.name, cursor, stream=stream, follow=follow)
        async with events:
            async for event in events:
                if isinstance(event, Output):
                    yield event.data

    async def processes(self) -> list[ProcessInfo]:
        """What runs and what ran, oldest first."""
        answer = await self._transport.json("GET", self._path("processes"))
        return [ProcessInfo.model_validate(item) for item in answer.get("items") or ()]

    async def cancel(self, process: str) -> None:
        """Ends a process and all its children; nothing happens to one that has ended."""
        await cancel(self._transport, self.namespace, self.name, process)

    async def signal(self, process: str, signal: str) -> None:
        """Sends a signal such as ``TERM``, ``INT`` or ``9`` to the process group."""
        await cancel(self._transport, self.namespace, self.name, process, signal)

    async def list_ports(self) -> list[ForwardedPort]:
        """The declared ports, by number, those of templates included. One without addresses is not reachable yet."""
        answer = await self._transport.json("GET", self._path("ports"))
        return [ForwardedPort.model_validate(item) for item in answer.get("items") or ()]

    async def forward_port(self, port: int, *, protocol: Literal["http", "tcp"] = "http") -> ForwardedPort:
        """Declares a port, which then has an address inside the cluster, and a preview where there are previews.

        One that is declared so already stays. The addresses answer a moment later.

        :raises ConflictError: it is declared with another protocol
        """
        answer = await self._transport.json("POST", self._path("ports"), body={"port": port, "protocol": protocol})
        return ForwardedPort.model_validate(answer)

    def tunnel(self, port: int, *, on_error: Callable[[AgentTierError], object] | None = None) -> AsyncTunnel:
        """A port of 127.0.0.1 that leads to ``port`` of the sandbox, declared or not, as long as it is entered.

        Entering it gives the :class:`LocalAddress`. A connection that fails is broken here too, and the tunnel goes on.

        :param on_error: is told why a connection failed; by default that is a warning of the logger ``agenttier``
        """
        return AsyncTunnel(self._transport, self.namespace, self.name, port, on_error)

    async def remove_port(self, port: int) -> None:
        """Takes back a port that :meth:`forward_port` declared.

        :raises NotFoundError: it is not declared
        :raises ConflictError: somebody else declared it, whom the message names
        """
        await self._transport.json("DELETE", self._path("ports"), query={"port": str(port)})

    def _path(self, subresource: str) -> str:
        return _paths.subresource(self.namespace, self.name, subresource)
