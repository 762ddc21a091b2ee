"""Agent mode: configured once, invoked per call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from agenttier._async.configure import AsyncConfigure
from agenttier._async.files import AsyncFiles
from agenttier._async.invoke import AsyncInvokeStream
from agenttier._async.process import cancel
from agenttier._async.transport import AsyncTransport
from agenttier._collected import MAX_OUTPUT, CollectedOutput
from agenttier._configuration import LocalFile, check, configure_body, too_large
from agenttier._events import Output
from agenttier._models import ConfigureResult, InvokeResult
from agenttier._start import Payload, invoke_start
from agenttier._waits import in_thread


class AsyncAgent:
    """The agent of a sandbox in mode ``agent``. Every invocation is a process of its own; only the workspace carries over."""

    def __init__(self, transport: AsyncTransport, namespace: str, sandbox: str, files: AsyncFiles) -> None:
        self._transport = transport
        self._namespace = namespace
        self._sandbox = sandbox
        self._files = files

    async def configure(
        self,
        files: Sequence[tuple[str, LocalFile]] = (),
        install_command: Sequence[str] | None = None,
        install_script: str | None = None,
        entrypoint: Sequence[str] | None = None,
        on_log: Callable[[Output], object] | None = None,
    ) -> ConfigureResult:
        """Writes files, runs an install command, and sets the program that invocations run. At least one is needed.

        With the same files and install command as are in force nothing is written or run, and ``skipped`` is set. An install
        that fails is a result too, with its ``install_exit_code``: the former configuration stays in force then. A broken
        connection goes on unseen; the install runs on when the caller leaves.

        :param files: pairs of an absolute path below the workspace, and a local path or the content in bytes. One above
            32 MiB, or the largest of more than 128 MiB together, goes up by ``files`` first: it stays also when the
            install fails, and a change of it alone does not run the install again
        :param install_command: a program with its arguments
        :param install_script: in its place, text for ``sh -c``
        :param on_log: takes the output of the install as it comes
        :raises ConflictError: another configuration is under way
        """
        check(files, (install_command, install_script), entrypoint)
        ahead = too_large([await in_thread(lambda f=local: _size(f)) for _, local in files])  # type: ignore[misc]
        if len(ahead) == len(files) and install_command is None and install_script is None and entrypoint is None:
            raise ValueError("these files are too large for a configure: write them by files.upload")
        taken = []
        for index, (path, local) in enumerate(files):
            if index not in ahead:
                taken.append((path, await in_thread(lambda f=local: _content(f))))  # type: ignore[misc]
            elif isinstance(local, bytes):
                await self._files.write(path, local)
            else:
                await self._files.upload(local, path)
        body = configure_body(taken, install_command, install_script, entrypoint)
        return await AsyncConfigure(self._transport, self._namespace, self._sandbox, body, on_log).result()

    async def invoke(
        self,
        payload: Payload | None = None,
        *,
        prompt: str | None = None,
        args: Sequence[str] | None = None,
        invoke_timeout: float | None = None,
        idempotency_key: str | None = None,
        max_output: int = MAX_OUTPUT,
    ) -> InvokeResult:
        """Runs the agent once, to its end. A broken connection goes on unseen; leaving early cancels the invocation.

        :param payload: its standard input: bytes as they are, text as UTF-8, a dict or list as JSON; at most 16 MiB
        :param prompt: becomes its argument ``--prompt=…``, and its standard input where there is no payload
        :param args: more arguments
        :param invoke_timeout: seconds until the server ends it (rounded up to whole ones): lower than its own limit
        :param idempotency_key: calls with the same key are one invocation; by default each call has a key of its own
        :param max_output: bytes of both streams together that are kept; then ``truncated`` is set
        :raises APIError: 424, it has no entrypoint; 429, as many invocations as allowed run: ``causes`` have ``limit`` and
            ``inflight``, ``retry_after`` the seconds to wait
        """
        collected = CollectedOutput(max_output)
        stream = self.invoke_stream(
            payload, prompt=prompt, args=args, invoke_timeout=invoke_timeout, idempotency_key=idempotency_key
        )
        async with stream as events:
            async for event in events:
                collected.add(event)
        return InvokeResult.model_validate(dict(collected.result()))

    def invoke_stream(
        self,
        payload: Payload | None = None,
        *,
        prompt: str | None = None,
        args: Sequence[str] | None = None,
        invoke_timeout: float | None = None,
        idempotency_key: str | None = None,
    ) -> AsyncInvokeStream:
        """As :meth:`invoke`, but gives its events as they come. Use it as a context manager."""
        start = invoke_start(payload, prompt=prompt, args=args, timeout=invoke_timeout, key=idempotency_key)
        return AsyncInvokeStream(self._transport, self._namespace, self._sandbox, start)

    async def invoke_cancel(self, invoke_id: str) -> None:
        """Ends an invocation and all it has started; nothing happens to one that has ended."""
        await cancel(self._transport, self._namespace, self._sandbox, invoke_id)


def _size(file: LocalFile) -> int:
    return len(file) if isinstance(file, bytes) else Path(file).stat().st_size


def _content(file: LocalFile) -> bytes:
    return file if isinstance(file, bytes) else Path(file).read_bytes()
