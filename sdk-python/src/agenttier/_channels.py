"""Messages of a WebSocket on ``attach``: the first byte names the channel, as in ``v5.channel.k8s.io``. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agenttier._errors import AgentTierError, AuthorizationError, ConflictError, SandboxErrorState, UnreachableError
from agenttier._events import Exited
from agenttier._wire import Closed

STDIN = 0
STDOUT = 1
STDERR = 2
STATUS = 3
RESIZE = 4
HALF_CLOSE = 255

_NORMAL = 1000
_PROTOCOL_ERROR = 1002
_SANDBOX_ENDED = 4001
_REVOKED = 4003
_BROKEN = 4009


def on_channel(channel: int, payload: bytes) -> bytes:
    return bytes((channel,)) + payload


def end_of_stdin() -> bytes:
    return on_channel(HALF_CLOSE, bytes((STDIN,)))


def resize(columns: int, rows: int) -> bytes:
    """:raises ValueError: a size that no terminal of a sandbox can have"""
    for name, value in (("columns", columns), ("rows", rows)):
        if not 1 <= value <= 1000:
            raise ValueError(f"{name} is {value}: expected 1 to 1000")
    return on_channel(RESIZE, json.dumps({"Width": columns, "Height": rows}).encode())


class LastWords:
    """What the server said of the end: the Status of channel 3, then the close frame."""

    def __init__(self, process: str) -> None:
        self._process = process
        self._status: dict[str, Any] = {}

    def status(self, payload: bytes) -> None:
        self._status = _object(payload) or self._status

    def judge(self, closed: Closed) -> Exited:
        """How the process ended.

        :raises UnreachableError: it may still run; the next connection goes on
        :raises AgentTierError: no other connection would do better; the kind tells why
        """
        message = str(self._status.get("message") or closed.reason or f"close code {closed.code}")
        reason = self._status.get("reason")
        if closed.code == _NORMAL and self._status:
            return self._exited(message)
        if closed.code == _SANDBOX_ENDED:
            raise SandboxErrorState(f"process {self._process} ended with its sandbox ({closed.reason}): {message}")
        if closed.code == _REVOKED:
            raise AuthorizationError(message, status_code=403, reason="Forbidden")
        if closed.code == _BROKEN and closed.reason == "stdin_taken":
            raise ConflictError(message, status_code=409, reason="Conflict")
        if closed.code == _BROKEN and reason == "Lost":
            return Exited(self._process, "lost", None, f"the outcome is unknown: {message}")
        if closed.code == _PROTOCOL_ERROR or (4000 <= closed.code < 5000 and closed.code != _BROKEN):
            raise AgentTierError(f"the server ended the stream of process {self._process} ({closed.code}): {message}")
        raise UnreachableError(f"the server closed the stream ({closed.code}): {message}")

    def _exited(self, message: str) -> Exited:
        if self._status.get("status") == "Success":
            return Exited(self._process, "completed", 0)
        reason = self._status.get("reason")
        if reason == "NonZeroExitCode":
            code = _exit_code(self._status)
            if code is not None:
                return Exited(self._process, "completed", code, message)
        if reason in ("Timeout", "Canceled"):
            return Exited(self._process, str(reason).lower(), -1, message)
        return Exited(self._process, "lost", None, f"the outcome is unknown: {message}")


class PortLastWords:
    """The same for a connection to a port."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._has_ended = False
        self._status: dict[str, Any] = {}

    def port_ended(self) -> None:
        """The port has sent all."""
        self._has_ended = True

    def status(self, payload: bytes) -> None:
        self._status = _object(payload)

    def judge(self, closed: Closed) -> None:
        """:raises AgentTierError: both directions did not end properly; the kind tells why"""
        if closed.code == _NORMAL and self._has_ended:
            return
        message = str(self._status.get("message") or closed.reason or f"close code {closed.code}")
        if closed.code == _SANDBOX_ENDED:
            raise SandboxErrorState(f"the connection to port {self._port} ended with its sandbox ({closed.reason}): {message}")
        if closed.code == _REVOKED:
            raise AuthorizationError(message, status_code=403, reason="Forbidden")
        raise UnreachableError(f"the connection to port {self._port} broke ({closed.code}): {message}")


def _object(payload: bytes) -> dict[str, Any]:
    """What is none is empty."""
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _exit_code(status: dict[str, Any]) -> int | None:
    details = status.get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    for cause in causes if isinstance(causes, list) else ():
        if isinstance(cause, dict) and cause.get("reason") == "ExitCode":
            try:
                return int(str(cause.get("message")))
            except ValueError:
                return None
    return None


def offset_in(headers: Mapping[str, str], name: str) -> int:
    """A count of bytes that the server gives in the answer 101; names in ``headers`` know no case."""
    value = headers.get(name) or ""
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise AgentTierError(f"the server gave no offset: header {name} is {value!r}")
    return int(value)
