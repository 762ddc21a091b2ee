"""Calls that start a process and are answered by its events. Pure."""

from __future__ import annotations

import base64
import json
import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Payload = bytes | str | Mapping[str, Any] | Sequence[Any]
"""Standard input of an invocation: bytes as they are, text as UTF-8, anything else as JSON."""

MAX_PAYLOAD = 16 * 1024 * 1024
"""Bytes of standard input that one invocation takes."""

_ENVELOPE = "application/vnd.agenttier.invoke+json"


@dataclass(frozen=True, kw_only=True)
class Start:
    """One POST, the same however often it is sent.

    ``limit`` is after how many seconds the server ends the process, where that is known. ``joins``: repeating it joins what
    it has started; else the process has a name of ours by which it is asked for first.
    """

    subresource: str
    query: dict[str, str] = field(default_factory=dict)
    body: object = None
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    limit: float | None = None
    joins: bool = False


def exec_start(body: dict[str, Any]) -> Start:
    """:param body: of POST ``exec``"""
    return Start(subresource="exec", query={"onDisconnect": "keep"}, body=body, limit=body.get("timeoutSeconds") or None)


def invoke_start(
    payload: Payload | None,
    *,
    prompt: str | None = None,
    args: Sequence[str] | None = None,
    timeout: float | None = None,
    key: str | None = None,
) -> Start:
    """A payload alone is the body itself, so that it may be any bytes; with more it is part of an envelope."""
    stdin = _bytes(payload)
    if len(stdin) > MAX_PAYLOAD:
        raise ValueError(
            f"payload has {len(stdin)} bytes, at most {MAX_PAYLOAD} are allowed: upload it by files, and give its path instead"
        )
    limit = None if timeout is None else _seconds(timeout)
    query = {"onDisconnect": "keep"} | ({} if limit is None else {"invokeTimeout": f"{limit}s"})
    headers = {"Idempotency-Key": key or secrets.token_hex(16)}
    if prompt is None and not args:
        return Start(subresource="invoke", query=query, content=stdin, headers=headers, limit=limit, joins=True)
    envelope: dict[str, Any] = {} if payload is None else _stdin(payload, stdin)
    if prompt is not None:
        envelope["prompt"] = prompt
    if args:
        envelope["args"] = list(args)
    return Start(
        subresource="invoke",
        query=query,
        content=json.dumps(envelope).encode(),
        headers=headers | {"Content-Type": _ENVELOPE},
        limit=limit,
        joins=True,
    )


def _bytes(payload: Payload | None) -> bytes:
    if payload is None:
        return b""
    if isinstance(payload, str):
        return payload.encode()
    if isinstance(payload, bytes | bytearray | memoryview):
        return bytes(payload)
    return json.dumps(payload, ensure_ascii=False).encode()


def _stdin(payload: Payload, stdin: bytes) -> dict[str, str]:
    if isinstance(payload, bytes | bytearray | memoryview):
        return {"stdinBase64": base64.b64encode(stdin).decode()}
    return {"stdin": stdin.decode()}


def _seconds(timeout: float) -> int:
    if not timeout > 0:
        raise ValueError(f"invoke_timeout is {timeout}: expected seconds above 0, or None for the limit of the sandbox")
    return math.ceil(timeout)
