"""The shell of a named terminal: found or started by its name, and a process like any other from then on."""

from __future__ import annotations

from agenttier._async.transport import AsyncTransport
from agenttier._async.websocket import websocket
from agenttier._channels import offset_in
from agenttier._cursor import OutputCursor
from agenttier._errors import AgentTierError
from agenttier._paths import subresource


async def join(
    transport: AsyncTransport, namespace: str, sandbox: str, session: str, columns: int | None, rows: int | None
) -> OutputCursor:
    """Where the last screen of the shell begins that runs under that name; one is started if none runs.

    :raises APIError: the server refuses
    """
    query = {"session": session}
    for key, value in (("cols", columns), ("rows", rows)):
        if value is not None:
            query[key] = str(value)
    async with websocket(transport, subresource(namespace, sandbox, "attach"), query) as socket:
        process = socket.headers.get("agenttier-process")
        if not process:
            raise AgentTierError("the server named no process for the terminal: header AgentTier-Process is missing")
        return OutputCursor(process, offset_in(socket.headers, "AgentTier-Offset"))
