"""Invoking an agent: one process a call, whatever happens to connections, and none when the caller leaves."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import pytest

from agenttier import (
    AgentTierClient,
    AgentTierError,
    APIError,
    AsyncAgentTierClient,
    BearerTokenAuth,
    Exited,
    InvokeResult,
    Output,
    Sandbox,
    Started,
    UnreachableError,
)
from agenttier._cursor import OutputCursor
from agenttier._going_on import PATIENCE, GoingOn
from agenttier._start import MAX_PAYLOAD
from tests.fake_agent import EVENTS, INVOKE, NO_CONTENT, SANDBOX, FakeAgent, answer, invoke_exit, invoke_start, refused
from tests.fake_process import FakeProcess, event, log
from tests.https_server import Answer, HttpsServer, Request, chunked, document

AGENT = FakeProcess((("stdout", "grün ".encode()), ("stderr", b"\xff\x00e"), ("stdout", b"last")), exit_code=7)


@contextmanager
def box_of(serve: Any) -> Iterator[tuple[Sandbox, HttpsServer]]:
    with HttpsServer(serve) as server:
        auth = BearerTokenAuth("t", ca_cert=server.ca_cert)
        with AgentTierClient(server.url, auth, namespace="team") as client:
            yield client.get_sandbox("box"), server


def check(result: InvokeResult) -> None:
    assert result.stdout_bytes == AGENT.bytes_of("stdout")
    assert result.stderr_bytes == AGENT.bytes_of("stderr")
    assert (result.exit_code, result.reason, result.invoke_id, result.duration_ms) == (7, "completed", INVOKE, 12)


@pytest.mark.parametrize(
    ("payload", "body"),
    [
        (None, b""),
        (b"\x00\xff", b"\x00\xff"),
        ("grün", "grün".encode()),
        ({"task": "grün"}, '{"task": "grün"}'.encode()),
        ([1, None], b"[1, null]"),
        ({}, b"{}"),
    ],
)
def test_a_payload_is_standard_input(payload: Any, body: bytes) -> None:
    with box_of(FakeAgent(AGENT)) as (box, server):
        check(box.agent.invoke(payload))
        request = server.requests[-1]
        assert (request.method, request.target.rpartition("/")[2]) == ("POST", "invoke?onDisconnect=keep")
        assert request.body == body
        assert request.headers["content-type"] == "application/octet-stream"
        assert request.headers["accept"] == EVENTS


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (None, {}),
        ("x", {"stdin": "x"}),
        ({"a": 1}, {"stdin": '{"a": 1}'}),
        (b"\xff", {"stdinBase64": base64.b64encode(b"\xff").decode()}),
    ],
)
def test_prompt_and_arguments_travel_in_the_body(payload: Any, expected: dict[str, str]) -> None:
    with box_of(FakeAgent(AGENT)) as (box, server):
        check(box.agent.invoke(payload, prompt="sum it", args=["-v", "x y"], invoke_timeout=89.5, idempotency_key="k1"))
        request = server.requests[-1]
        assert json.loads(request.body) == {"prompt": "sum it", "args": ["-v", "x y"], **expected}
        assert request.headers["content-type"] == "application/vnd.agenttier.invoke+json"
        assert request.headers["idempotency-key"] == "k1"
        assert request.target.endswith("?onDisconnect=keep&invokeTimeout=90s")


def test_each_call_has_a_key_of_its_own() -> None:
    agent = FakeAgent(AGENT)
    with box_of(agent) as (box, _):
        box.agent.invoke("x")
        box.agent.invoke("x")
    assert len(agent.starts) == 2


def test_what_cannot_be_sent_is_told_before_anything_is() -> None:
    with box_of(FakeAgent(AGENT)) as (box, server):
        with pytest.raises(ValueError, match=f"payload has {MAX_PAYLOAD + 1} bytes, at most {MAX_PAYLOAD} are allowed"):
            box.agent.invoke(bytes(MAX_PAYLOAD + 1))
        with pytest.raises(ValueError, match="invoke_timeout is 0"):
            box.agent.invoke(invoke_timeout=0)
        assert len(server.requests) == 1


def test_a_stream_gives_typed_events() -> None:
    with box_of(FakeAgent(AGENT)) as (box, _), box.agent.invoke_stream() as stream:
        assert stream.invoke_id == ""
        assert list(stream) == [
            Started(INVOKE),
            Output("stdout", "grün ".encode(), 6),
            Output("stderr", b"\xff\x00e", 9),
            Output("stdout", b"last", 13),
            Exited(INVOKE, "completed", 7, duration_ms=12),
        ]
        assert stream.invoke_id == INVOKE


@pytest.mark.parametrize("pause", [0, 3, 6, 13])
def test_continue_is_followed_unseen_also_in_the_middle_of_a_character(pause: int) -> None:
    with box_of(FakeAgent(AGENT, pause=pause)) as (box, server):
        check(box.agent.invoke())
        assert server.requests[-1].target.endswith(f"/log?process={INVOKE}&offset={pause}&follow=true")


def test_a_cut_after_any_byte_is_one_invocation_and_loses_nothing() -> None:
    agent = FakeAgent(AGENT)
    whole = len(chunked([invoke_start(), *agent._until_pause()], EVENTS))
    with box_of(agent) as (box, server):
        for cut in range(whole):
            agent.starts, agent.cuts = {}, [cut]
            del server.requests[:]
            check(box.agent.invoke("x"))
            assert len(agent.starts) == 1
            assert len(server.requests) <= 2, f"cut after {cut}"


def test_a_cut_before_the_answer_joins_by_key() -> None:
    agent = FakeAgent(AGENT, cuts=[0, 0, 100])
    with box_of(agent) as (box, server):
        check(box.agent.invoke("x"))
        posts = [request for request in server.requests if request.method == "POST"]
        assert len(posts) == 4
        assert len({request.headers["idempotency-key"] for request in posts}) == 1


def test_an_answer_that_never_comes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agenttier._sync.process.sleep", lambda _: None)
    agent = FakeAgent(AGENT, cuts=[0] * 6)
    with box_of(agent) as (box, server):
        with pytest.raises(UnreachableError):
            box.agent.invoke("x")
        # then it may run: its id is asked for by its key, and it is cancelled
        assert agent.canceled == [INVOKE]
        assert len([request for request in server.requests if request.method == "POST"]) == 7


def test_a_comment_before_the_start_names_nothing_yet() -> None:
    answers = [answer(b": keepalive\n\n"), answer(invoke_start(), invoke_exit(0))]

    def serve(request: Request) -> Answer:
        return answers.pop(0) if request.method == "POST" else document(SANDBOX)

    with box_of(serve) as (box, _):
        assert box.agent.invoke().ok


def test_a_server_that_is_away_while_a_start_is_unclear_is_waited_for() -> None:
    now = 0.0
    judge = GoingOn(OutputCursor("n"), starts=True, joins=True, deadline=None, clock=lambda: now)
    judge.starting()
    judge.after(UnreachableError("cut"))
    for _ in range(20):
        assert judge.is_starting
        judge.after(UnreachableError("refused", was_sent=False))
    now = PATIENCE + 1
    with pytest.raises(UnreachableError, match="nothing was heard"):
        judge.after(UnreachableError("refused", was_sent=False))


def test_an_exception_in_the_middle_cancels() -> None:
    agent = FakeAgent(AGENT, pause=6)
    with box_of(agent) as (box, _):
        with pytest.raises(KeyboardInterrupt):
            with box.agent.invoke_stream() as events:
                for event in events:
                    if isinstance(event, Output):
                        raise KeyboardInterrupt
        assert agent.canceled == [INVOKE]


def test_an_interrupt_of_invoke_before_its_answer_cancels_what_has_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("agenttier._sync.process.sleep", interrupt)
    agent = FakeAgent(AGENT, cuts=[0])
    with box_of(agent) as (box, _):
        with pytest.raises(KeyboardInterrupt):
            box.agent.invoke()
    assert len(agent.starts) == 1
    assert agent.canceled == [INVOKE]


def test_a_cancelled_task_cancels_the_invocation() -> None:
    agent = FakeAgent(AGENT, pause=6)

    async def run(server: HttpsServer) -> None:
        auth = BearerTokenAuth("t", ca_cert=server.ca_cert)
        async with AsyncAgentTierClient(server.url, auth, namespace="team") as client:
            box = await client.get_sandbox("box")
            with anyio.CancelScope() as scope:
                async with box.agent.invoke_stream("x") as events:
                    async for _ in events:
                        scope.cancel()
            assert scope.cancelled_caught

    with HttpsServer(agent) as server:
        anyio.run(run, server)
    assert agent.canceled == [INVOKE]


def test_the_asynchronous_client_invokes_as_well() -> None:
    agent = FakeAgent(AGENT, pause=3, cuts=[0, 300])

    async def run(server: HttpsServer) -> None:
        auth = BearerTokenAuth("t", ca_cert=server.ca_cert)
        async with AsyncAgentTierClient(server.url, auth, namespace="team") as client:
            check(await (await client.get_sandbox("box")).agent.invoke({"a": 1}))

    with HttpsServer(agent) as server:
        anyio.run(run, server)


def test_too_many_at_once_is_told_with_the_numbers_and_not_repeated() -> None:
    busy = refused(
        429,
        "TooManyRequests",
        'sandbox "box" runs 4 invokes, at most 4 are allowed',
        {"reason": "concurrency_exceeded", "field": "limit", "message": "4"},
        {"reason": "concurrency_exceeded", "field": "inflight", "message": "4"},
        retry_after=5,
    )
    with box_of(lambda request: busy if request.method == "POST" else document(SANDBOX)) as (box, server):
        with pytest.raises(APIError, match="runs 4 invokes, at most 4 are allowed") as error:
            box.agent.invoke()
        assert (error.value.status_code, error.value.retry_after) == (429, 5.0)
        assert {cause.field: cause.message for cause in error.value.causes} == {"limit": "4", "inflight": "4"}
        assert [request.method for request in server.requests] == ["GET", "POST"]


def test_an_agent_without_an_entrypoint_is_told() -> None:
    refusal = refused(424, "FailedDependency", 'sandbox "box" has no entrypoint: configure it first')
    with box_of(lambda request: refusal if request.method == "POST" else document(SANDBOX)) as (box, _):
        with pytest.raises(APIError, match="no entrypoint") as error:
            box.agent.invoke()
        assert (error.value.status_code, error.value.reason) == (424, "FailedDependency")


def test_a_start_that_failed_is_told_and_not_cancelled() -> None:
    failed = answer(event("error", 0, {"message": "the pod has no room for it"}))
    with box_of(lambda request: failed if request.method == "POST" else document(SANDBOX)) as (box, server):
        with pytest.raises(AgentTierError, match="the pod has no room for it"):
            box.agent.invoke()
        assert [request.method for request in server.requests] == ["GET", "POST"]


def test_an_unknown_outcome_is_no_number() -> None:
    def serve(request: Request) -> Answer:
        if request.method == "POST":
            content = chunked([invoke_start(), log("stdout", b"abc", 3)], EVENTS)
            return Answer(content, len(content) - 5)
        if "/log?" in request.target:
            return refused(410, "Gone", "its pod is gone")
        return document(SANDBOX)

    with box_of(serve) as (box, _):
        result = box.agent.invoke()
        assert (result.exit_code, result.reason, result.stdout) == (None, "lost", "abc")


def test_an_invocation_is_cancelled_by_its_id() -> None:
    def serve(request: Request) -> Answer:
        return NO_CONTENT if request.method == "DELETE" else document(SANDBOX)

    with box_of(serve) as (box, server):
        box.agent.invoke_cancel(INVOKE)
        assert server.requests[-1].target.endswith(f"/processes?process={INVOKE}")
