"""An agent served as the API serves it: one process a key, whose output goes on by ``log``."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

from tests.fake_process import FakeProcess, event, exited, log
from tests.https_server import Answer, Request, chunked, document

EVENTS = "text/event-stream"
INVOKE = "inv-0a1b2c3d0123456789abcdef"
INSTALL = "install-0a1b2c3d0123456789abcdef"
SANDBOX = b'{"metadata":{"name":"box","namespace":"team","uid":"1"},"status":{"phase":"Running","mode":"agent"}}'
NO_CONTENT = Answer(b"HTTP/1.1 204 No Content\r\n\r\n")


def invoke_start() -> bytes:
    return event("start", 0, {"invokeId": INVOKE, "startedAt": 1767225600000})


def go_on(process: str, offset: int) -> bytes:
    return event("continue", offset, {"process": process, "offset": offset})


def invoke_exit(position: int, **outcome: Any) -> bytes:
    return event("exit", position, {"invokeId": INVOKE, "exitCode": 0, "durationMs": 12, "reason": "completed"} | outcome)


def refused(code: int, reason: str, message: str, *causes: dict[str, str], retry_after: int | None = None) -> Answer:
    status = {"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message}
    status["details"] = {"causes": list(causes)}
    headers = f"Retry-After: {retry_after}\r\n" if retry_after is not None else ""
    return document(json.dumps(status).encode(), status=f"{code} X", headers=headers)


class FakeAgent:
    """Breaks its streams after as many bytes as ``cuts`` says, one after the other; hands over to ``log`` at ``pause``."""

    def __init__(self, process: FakeProcess, *, cuts: list[int] | None = None, pause: int | None = None) -> None:
        self.process = process
        self.cuts = cuts or []
        self.pause = pause
        self.starts: dict[str, Request] = {}
        self.canceled: list[str] = []

    def __call__(self, request: Request) -> Answer:
        path, _, text = request.target.partition("?")
        query = {name: values[0] for name, values in parse_qs(text).items()}
        if path.endswith("/invoke"):
            assert query["onDisconnect"] == "keep"
            first = self.starts.setdefault(request.headers["idempotency-key"], request)
            assert first.body == request.body
            return self._cut([invoke_start(), *self._until_pause()])
        if path.endswith("/log"):
            assert (query["process"], query["follow"]) == (INVOKE, "true")
            return self._cut([b": keepalive\n\n", *self._events(int(query["offset"]))])
        if request.method == "DELETE":
            self.canceled.append(query["process"])
            return NO_CONTENT
        return document(SANDBOX)

    def _events(self, offset: int = 0) -> list[bytes]:
        position, found = 0, []
        for stream, content in self.process.output:
            end = position + len(content)
            if end > offset:
                found.append(log(stream, content[max(0, offset - position) :], end))
            position = end
        return [*found, exited(position, exitCode=self.process.exit_code)]

    def _until_pause(self) -> list[bytes]:
        if self.pause is None:
            total = sum(len(content) for _, content in self.process.output)
            return [*self._events()[:-1], invoke_exit(total, exitCode=self.process.exit_code)]
        position, found = 0, []
        for stream, content in self.process.output:
            end = min(position + len(content), self.pause)
            if end > position:
                found.append(log(stream, content[: end - position], end))
            position += len(content)
        return [*found, go_on(INVOKE, self.pause)]

    def _cut(self, events: list[bytes]) -> Answer:
        return Answer(chunked(events, EVENTS), self.cuts.pop(0) if self.cuts else None)


class FakeConfigure:
    """Gives one answer after the other to configure; ``install`` is what ``log`` tells from the offset asked for on."""

    def __init__(self, answers: list[Answer], install: tuple[bytes, int] = (b"", 0)) -> None:
        self.answers = answers
        self.content, self.exit_code = install
        self.bodies: list[dict[str, Any]] = []
        self.written: list[tuple[str, int]] = []

    def __call__(self, request: Request) -> Answer:
        path, _, text = request.target.partition("?")
        query = {name: values[0] for name, values in parse_qs(text).items()}
        if path.endswith("/configure"):
            self.bodies.append(json.loads(request.body))
            return self.answers.pop(0)
        if path.endswith("/files"):
            self.written.append((query["path"], len(request.body)))
            return document(b'{"path":"x","bytes":1}')
        if path.endswith("/log"):
            assert (query["process"], query["follow"]) == (INSTALL, "true")
            end = len(self.content)
            rest = self.content[int(query["offset"]) :]
            return Answer(chunked([log("stdout", rest, end), exited(end, exitCode=self.exit_code)], EVENTS))
        return document(SANDBOX)


def result(**fields: Any) -> bytes:
    known = {"lastConfiguredAt": "2026-01-01T00:00:00Z", "installCommandHash": "ab" * 32, "entrypoint": ["python3", "a.py"]}
    return event("result", 0, known | {"installExitCode": 0, "skipped": False} | fields)


def answer(*events: bytes, cut: int | None = None) -> Answer:
    return Answer(chunked(list(events), EVENTS), cut)
