"""A command whose connection breaks after any byte has the output that it has without."""

from __future__ import annotations

import anyio
import pytest

from agenttier import (
    AgentTierClient,
    APIError,
    AsyncAgentTierClient,
    AuthorizationError,
    BearerTokenAuth,
    CommandResult,
    UnreachableError,
)
from tests.fake_process import FakeProcess
from tests.https_server import Answer, HttpsServer, Request, chunked, document

COMMAND = FakeProcess((("stdout", "grün ".encode()), ("stderr", b"\xff\x00e"), ("stdout", b"last")), exit_code=7)
EVENTS = "text/event-stream"
SANDBOX = b'{"metadata":{"name":"box","namespace":"team","uid":"1"},"status":{"phase":"Running"}}'
STATUS = b'{"kind":"Status","status":"Failure","message":"no","reason":"%s","code":%d}'


class CuttingServer:
    """Breaks the first stream after ``cut`` bytes, and the next ones after ``later`` of theirs where given."""

    def __init__(self, cut: int, later: list[int] | None = None) -> None:
        self.cuts = [cut, *(later or [])]
        self.starts = 0

    def __call__(self, request: Request) -> Answer:
        path, _, query = request.target.partition("?")
        if path.endswith("/exec"):
            self.starts += 1
            return Answer(chunked(list(COMMAND.events()), EVENTS), self.cuts.pop(0))
        if path.endswith("/log"):
            parameters = dict(part.split("=") for part in query.split("&"))
            assert parameters["follow"] == "true"
            content = chunked(list(COMMAND.events(int(parameters["offset"]))), EVENTS)
            return Answer(content, self.cuts.pop(0) if self.cuts else None)
        return document(SANDBOX)


def client_of(server: HttpsServer) -> AgentTierClient:
    return AgentTierClient(server.url, BearerTokenAuth("t", ca_cert=server.ca_cert), namespace="team")


def check(result: CommandResult) -> None:
    assert result.stdout_bytes == COMMAND.bytes_of("stdout")
    assert result.stderr_bytes == COMMAND.bytes_of("stderr")
    assert (result.exit_code, result.reason) == (7, "completed")


def whole() -> int:
    return len(chunked(list(COMMAND.events()), EVENTS))


def test_a_cut_after_any_byte_loses_and_doubles_nothing() -> None:
    script = CuttingServer(0)
    with HttpsServer(script) as server, client_of(server) as client:
        box = client.get_sandbox("box")
        for cut in range(whole()):
            script.cuts, script.starts = [cut], 0
            check(box.exec("x"))
            assert script.starts == 1, f"started {script.starts} times with a cut after {cut} bytes"


def test_several_cuts_lose_and_double_nothing() -> None:
    for cut in range(150, whole(), 29):
        with HttpsServer(CuttingServer(cut, [cut // 2, 190, cut])) as server, client_of(server) as client:
            check(client.get_sandbox("box").exec("x"))


def test_the_asynchronous_client_goes_on_as_well() -> None:
    async def run(cut: int) -> None:
        with HttpsServer(CuttingServer(cut)) as server:
            auth = BearerTokenAuth("t", ca_cert=server.ca_cert)
            async with AsyncAgentTierClient(server.url, auth, namespace="team") as client:
                check(await (await client.get_sandbox("box")).exec("x"))

    for cut in range(0, whole(), 23):
        anyio.run(run, cut)


def test_logs_with_follow_go_on_after_a_cut() -> None:
    for cut in range(150, whole(), 31):
        script = CuttingServer(cut)
        script.cuts = [cut]
        with HttpsServer(script) as server, client_of(server) as client:
            logs = client.get_sandbox("box").logs("exec-0a1b2c3d0123456789abcdef", follow=True)
            try:
                content = b"".join(logs)
            except UnreachableError:
                # nothing is known of a process before its first event: that is the caller's to repeat
                assert cut < 300
                continue
            assert content == b"".join(content for _, content in COMMAND.output)


def test_a_refused_start_is_told_and_neither_repeated_nor_cancelled() -> None:
    def serve(request: Request) -> Answer:
        if request.method == "POST":
            return document(STATUS % (b"Forbidden", 403), status="403 Forbidden")
        return document(SANDBOX)

    with HttpsServer(serve) as server, client_of(server) as client:
        box = client.get_sandbox("box")
        with pytest.raises(AuthorizationError):
            box.exec("x")
        assert [request.method for request in server.requests] == ["GET", "POST"]


@pytest.mark.parametrize(("unavailable", "starts", "served"), [(3, 3, True), (100, 6, False)])
def test_a_start_that_no_replica_answered_is_repeated_under_its_name(
    monkeypatch: pytest.MonkeyPatch, unavailable: int, starts: int, served: bool
) -> None:
    monkeypatch.setattr("agenttier._sync.process.sleep", lambda _: None)
    calls = 0

    def serve(request: Request) -> Answer:
        nonlocal calls
        if request.method == "GET" and "/log?" not in request.target:
            return document(SANDBOX)
        calls += 1
        if request.method == "GET":
            return document(STATUS % (b"NotFound", 404), status="404 Not Found")
        if calls <= unavailable:
            return document(STATUS % (b"ServiceUnavailable", 503), status="503 Service Unavailable")
        return Answer(chunked(list(COMMAND.events()), EVENTS))

    with HttpsServer(serve) as server, client_of(server) as client:
        box = client.get_sandbox("box")
        if served:
            check(box.exec("x"))
        else:
            with pytest.raises(APIError, match="no"):
                box.exec("x")
        bodies = [request.body for request in server.requests if request.method == "POST"]
        assert (len(bodies), len(set(bodies))) == (starts, 1)


def test_a_start_that_was_not_answered_and_is_unknown_has_probably_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agenttier._sync.process.sleep", lambda _: None)

    def serve(request: Request) -> Answer:
        if request.method == "POST":
            return Answer(b"", 0)
        if "/log?" in request.target:
            return document(STATUS % (b"NotFound", 404), status="404 Not Found")
        return document(SANDBOX)

    with HttpsServer(serve) as server, client_of(server) as client:
        box = client.get_sandbox("box")
        with pytest.raises(UnreachableError, match="probably not run"):
            box.exec("x")


def test_a_pod_that_is_gone_after_a_cut_makes_the_outcome_lost_and_no_number() -> None:
    def serve(request: Request) -> Answer:
        if request.method == "POST":
            content = chunked(list(COMMAND.events()), EVENTS)
            return Answer(content, len(content) - 100)
        if "/log?" in request.target:
            return document(STATUS % (b"Gone", 410), status="410 Gone")
        return document(SANDBOX)

    with HttpsServer(serve) as server, client_of(server) as client:
        result = client.get_sandbox("box").exec("x")
        assert (result.exit_code, result.reason) == (None, "lost")
        assert result.stdout_bytes == COMMAND.bytes_of("stdout")


def test_leaving_a_stream_before_its_end_cancels_the_command() -> None:
    def serve(request: Request) -> Answer:
        if request.method == "POST":
            return Answer(chunked(list(COMMAND.events())[:3], EVENTS))
        if request.method == "DELETE":
            return Answer(b"HTTP/1.1 204 No Content\r\n\r\n")
        return document(SANDBOX)

    with HttpsServer(serve) as server, client_of(server) as client:
        with client.get_sandbox("box").exec_stream("x") as stream:
            next(stream)
        assert server.requests[-1].method == "DELETE"
        assert server.requests[-1].target.endswith("/processes?process=exec-0a1b2c3d0123456789abcdef")
