"""One invocation of the agent: a process that is found again by its key until its id is known."""

from __future__ import annotations

from contextlib import aclosing

from agenttier._async.process import AsyncExecStream, post
from agenttier._async.transport import AsyncTransport
from agenttier._cursor import OutputCursor
from agenttier._start import Start


class AsyncInvokeStream(AsyncExecStream):
    """Events of one invocation as they come: ``Started``, ``Output``, ``Gap``, at last ``Exited``.

    Use it as a context manager: leaving it before the end cancels the invocation.
    """

    def __init__(self, transport: AsyncTransport, namespace: str, sandbox: str, start: Start) -> None:
        super().__init__(transport, namespace, sandbox, OutputCursor("of the invocation"), start=start)
        self._call = start

    @property
    def invoke_id(self) -> str:
        """The id of its process; empty until the server has answered."""
        return self._cursor.process if self._cursor.is_confirmed else ""

    async def __aenter__(self) -> AsyncInvokeStream:
        return self

    async def _end_process(self) -> None:
        """Only the server knows the id that belongs to a key: it is asked for by joining."""
        if not self._cursor.is_confirmed:
            call = post(self._transport, self._namespace, self._sandbox, self._call)
            async with call as response, aclosing(self._decoded(response)) as events:
                async for _ in events:
                    break
        if self._going_on.may_run:
            await super()._end_process()
