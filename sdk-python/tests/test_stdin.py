"""Standard input that is streamed: whatever breaks, and wherever, the process gets each byte once, and so do we."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from agenttier import (
    AgentTierClient,
    AgentTierError,
    AsyncAgentTierClient,
    AuthorizationError,
    BearerTokenAuth,
    CommandResult,
    ConflictError,
    Exited,
    Output,
    SandboxErrorState,
    Started,
)
from agenttier._pending_input import CAPACITY, PIECE
from tests.fake_attach import AttachServer, EchoProcess, Limits
from tests.fake_process import PROCESS
from tests.https_server import HttpsServer

INPUT = "grün, in pieces \x00".encode()
PIECES = [INPUT[begin : begin + 7] for begin in range(0, len(INPUT), 7)]
UNAVAILABLE = {"status": "Failure", "reason": "ServiceUnavailable", "message": "go on"}


def client_of(server: HttpsServer) -> AgentTierClient:
    return AgentTierClient(server.url, BearerTokenAuth("t", ca_cert=server.ca_cert), namespace="team")


def check(result: CommandResult, script: AttachServer, given: bytes = INPUT) -> None:
    assert bytes(script.process.stdin) == given
    assert result.stdout_bytes == given + b"end"
    assert result.stderr_bytes == given[2::3]
    assert (result.exit_code, result.reason, result.duration_ms, result.dropped_bytes) == (7, "completed", 12, 0)
    assert script.cancelled == 0


def run(script: AttachServer, stdin: Any) -> CommandResult:
    with HttpsServer(script) as server, client_of(server) as client:
        return client.get_sandbox("box").exec("x", stdin=stdin)


def run_async(script: AttachServer, stdin: Any) -> CommandResult:
    async def main() -> CommandResult:
        with HttpsServer(script) as server:
            async with AsyncAgentTierClient(server.url, BearerTokenAuth("t", ca_cert=server.ca_cert), namespace="team") as client:
                return await (await client.get_sandbox("box")).exec("x", stdin=stdin)

    return anyio.run(main)


async def asynchronous_pieces() -> AsyncIterator[bytes]:
    for piece in PIECES:
        await anyio.lowlevel.checkpoint()
        yield piece


def sources() -> list[Any]:
    return [iter(PIECES), PIECES, io.BytesIO(INPUT)]


@pytest.mark.parametrize("number", range(3))
def test_anything_that_gives_bytes_is_sent_whole_and_ends(number: int) -> None:
    for runs in (run, run_async):
        script = AttachServer(EchoProcess())
        check(runs(script, sources()[number]), script)
        assert script.process.ends == 1
        assert [start["openStdin"] for start in script.starts] == [True]
        assert script.attached == [{"process": script.attached[0]["process"], "offset": "0", "stdin": "true", "takeover": "true"}]


def test_the_asynchronous_client_takes_an_asynchronous_iterable() -> None:
    script = AttachServer(EchoProcess())
    check(run_async(script, asynchronous_pieces()), script)


def test_a_text_file_is_sent_as_utf_8() -> None:
    script = AttachServer(EchoProcess())
    check(run(script, io.StringIO(INPUT.decode())), script)


def check_cuts(name: str, cuts: range) -> None:
    script = AttachServer(EchoProcess())
    with HttpsServer(script) as server, client_of(server) as client:
        box = client.get_sandbox("box")
        for cut in cuts:
            script.process, script.limits, script.starts = EchoProcess(), [Limits(**{name: cut})], []
            check(box.exec("x", stdin=iter(PIECES)), script)
            assert len(script.starts) == 1
            assert not script.limits


def test_a_cut_after_any_byte_of_input_loses_and_doubles_nothing() -> None:
    check_cuts("received", range(len(INPUT) + 7 * len(PIECES) + 8))


def test_a_cut_after_any_byte_of_output_loses_and_doubles_nothing() -> None:
    script = AttachServer(EchoProcess(), [limits := Limits(sent=1 << 20)])
    check(run(script, iter(PIECES)), script)
    sent = (1 << 20) - (limits.sent or 0)
    check_cuts("sent", range(0, 250, 25))
    check_cuts("sent", range(250, sent))


def test_the_asynchronous_client_goes_on_after_cuts_as_well() -> None:
    for cut in range(0, 50, 5):
        script = AttachServer(EchoProcess(), [Limits(received=cut), Limits(sent=280 + 2 * cut), Limits(received=cut // 2)])
        check(run_async(script, iter(PIECES)), script)


def test_cuts_that_come_before_any_output_do_not_slow_down_input_that_gets_through(monkeypatch: pytest.MonkeyPatch) -> None:
    class LateProcess(EchoProcess):
        def take(self, data: bytes) -> None:
            self.stdin += data

        def close(self) -> None:
            content, self.stdin = bytes(self.stdin), bytearray()
            super().take(content)
            super().close()

    waits: list[float] = []
    monkeypatch.setattr("agenttier._sync.process.sleep", waits.append)
    cuts = [Limits(received=16) for _ in range(len(PIECES))]
    script = AttachServer(LateProcess(), cuts)
    check(run(script, iter(PIECES)), script)
    assert len(waits) > 1
    assert not any(waits), "each connection brought some bytes on"


def test_both_directions_full_at_once_come_to_no_standstill() -> None:
    content = bytes(range(256)) * (64 * 1024)
    for runs in (run, run_async):
        script = AttachServer(EchoProcess(block=30_000))
        check(runs(script, content), script, content)
        assert script.polls == 0, "what is in memory needs no acknowledgement"


def test_a_source_is_read_no_further_ahead_than_the_window() -> None:
    class Counting:
        given = 0
        furthest = 0

        def __init__(self, script: AttachServer) -> None:
            self._script = script

        def __iter__(self) -> Iterator[bytes]:
            for _ in range(3 * CAPACITY // PIECE):
                self.furthest = max(self.furthest, self.given - len(self._script.process.stdin))
                self.given += PIECE
                yield bytes(PIECE)

    for runs in (run, run_async):
        script = AttachServer(EchoProcess(block=PIECE))
        source = Counting(script)
        check(runs(script, source), script, bytes(3 * CAPACITY))
        assert script.polls > 0
        assert source.furthest <= CAPACITY


def test_input_that_short_connections_would_never_carry_whole_is_streamed() -> None:
    content = bytes(700 * 1024)
    for runs in (run, run_async):
        script = AttachServer(EchoProcess(block=PIECE), [Limits(received=512 * 1024)])
        check(runs(script, content), script, content)
        assert len(script.attached) == 2


def test_one_who_may_not_list_processes_learns_from_the_next_connection_what_was_taken() -> None:
    script = AttachServer(EchoProcess(block=PIECE))
    script.lists_processes = False
    pieces = (bytes(PIECE) for _ in range(CAPACITY // PIECE + 2))
    check(run(script, pieces), script, bytes(CAPACITY + 2 * PIECE))
    assert len(script.attached) > 1


@pytest.mark.parametrize("closing", [(1001, "", {}), (4009, "error", UNAVAILABLE), (1000, "", {}), (1011, "", {})])
def test_a_replica_that_leaves_is_followed_by_another(closing: tuple[int, str, dict[str, Any]]) -> None:
    for runs in (run, run_async):
        script = AttachServer(EchoProcess())
        script.closings = [closing]
        check(runs(script, iter(PIECES)), script)
        assert len(script.attached) == 2


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (4001, "sandbox_stopped", SandboxErrorState),
        (4001, "sandbox_deleted", SandboxErrorState),
        (4003, "access_revoked", AuthorizationError),
        (4009, "stdin_taken", ConflictError),
        (1002, "bad frame", AgentTierError),
    ],
)
def test_a_final_close_has_an_error_of_its_kind(code: int, reason: str, kind: type[AgentTierError]) -> None:
    for runs in (run, run_async):
        script = AttachServer(EchoProcess())
        script.closings = [(code, reason, {"status": "Failure", "message": "because"})]
        with pytest.raises(kind, match="because"):
            runs(script, iter(PIECES))
        assert len(script.attached) == 1


def test_what_the_source_raises_is_raised_and_the_command_cancelled() -> None:
    def failing() -> Iterator[bytes]:
        yield b"some"
        raise LookupError("no more")

    for runs in (run, run_async):
        script = AttachServer(EchoProcess())
        with pytest.raises(LookupError, match="no more"):
            runs(script, failing())
        assert script.cancelled == 1
        assert not script.process.is_closed


def test_a_source_of_something_else_is_told() -> None:
    for wrong in (7, iter([1, 2])):
        with pytest.raises(TypeError, match="expected bytes"):
            run(AttachServer(EchoProcess()), wrong)


def test_input_that_another_client_gave_is_no_place_to_go_on() -> None:
    script = AttachServer(EchoProcess(), [Limits(received=20)])
    with HttpsServer(script) as server, client_of(server) as client:
        box = client.get_sandbox("box")
        with pytest.raises(AgentTierError, match="did another client write to it"):
            with box.exec_stream("x", stdin=iter(PIECES)) as stream:
                for event in stream:
                    if isinstance(event, Output):
                        script.process.take(b"x" * 1000)
                        script.limits = []


def test_a_process_is_joined_written_to_resized_and_ended() -> None:
    script = AttachServer(EchoProcess())
    script.process.take(b"before")
    with HttpsServer(script) as server, client_of(server) as client:
        with client.get_sandbox("box").attach(PROCESS, offset=8) as process:
            process.send_stdin("text ")
            process.resize(100, 40)
            seen = bytearray()
            events = []
            is_sent = False
            for event in process:
                events.append(event)
                if isinstance(event, Output) and event.stream == "stdout":
                    seen += event.data
                if bytes(seen) == b"text " and not is_sent:
                    is_sent = True
                    process.send_stdin(b"\xff")
                    process.close_stdin()
        assert events[0] == Started(PROCESS)
        assert isinstance(events[-1], Exited)
        assert bytes(script.process.stdin) == b"beforetext \xff"
        assert script.process.sizes == [{"Width": 100, "Height": 40}]
        assert "takeover" not in script.attached[0]
        assert script.cancelled == 0
        with pytest.raises(AgentTierError, match="takes no more input"):
            process.send_stdin(b"late")


def test_the_asynchronous_handle_does_the_same() -> None:
    async def main(script: AttachServer) -> None:
        with HttpsServer(script) as server:
            async with AsyncAgentTierClient(server.url, BearerTokenAuth("t", ca_cert=server.ca_cert), namespace="team") as client:
                async with (await client.get_sandbox("box")).attach(PROCESS) as process:
                    await process.send_stdin(INPUT)
                    await process.resize(80, 24)
                    await process.close_stdin()
                    events = [event async for event in process]
        assert b"".join(e.data for e in events if isinstance(e, Output) and e.stream == "stdout") == INPUT + b"end"
        # once for each connection
        assert script.process.sizes == [{"Width": 80, "Height": 24}] * 2

    anyio.run(main, AttachServer(EchoProcess(), [Limits(received=60)]))


def test_leaving_early_ends_a_command_of_ours_and_nothing_that_was_joined() -> None:
    script = AttachServer(EchoProcess())
    with HttpsServer(script) as server, client_of(server) as client:
        box = client.get_sandbox("box")
        with box.attach(PROCESS) as process:
            next(process)
        assert script.cancelled == 0
        with box.exec_stream("x", stdin=bytes(64 * 1024 * 1024)) as stream:
            next(stream)
        assert script.cancelled == 1


def test_a_watcher_sends_nothing() -> None:
    script = AttachServer(EchoProcess())
    script.process.take(INPUT)
    script.process.close()
    with HttpsServer(script) as server, client_of(server) as client:
        with client.get_sandbox("box").attach(PROCESS, stdin=False) as process:
            with pytest.raises(ValueError, match="stdin=False"):
                process.send_stdin(b"x")
            assert isinstance(list(process)[-1], Exited)
        assert script.attached == [{"process": PROCESS, "offset": "0"}]


def test_a_size_that_no_terminal_has_is_refused() -> None:
    script = AttachServer(EchoProcess())
    with HttpsServer(script) as server, client_of(server) as client:
        with pytest.raises(ValueError, match="rows is 0: expected 1 to 1000"):
            client.get_sandbox("box").attach(PROCESS).resize(80, 0)
