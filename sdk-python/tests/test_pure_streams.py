"""Server events, the position in an output, and what happens after a problem, without any connection."""

from __future__ import annotations

import pytest

from agenttier import APIError, Exited, Gap, NotFoundError, Output, RetryConfig, SandboxTimeoutError, Started, UnreachableError
from agenttier._cursor import OutputCursor
from agenttier._events import Event
from agenttier._going_on import PATIENCE, GoingOn
from agenttier._sse import MAX_EVENT, EventParser, MalformedEventError, ServerEvent
from tests.fake_process import PROCESS, exited, gap, log, start


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def events(cursor: OutputCursor, content: bytes) -> list[Event | None]:
    return [cursor.accept(event) for event in EventParser().feed(content)]


def test_events_are_the_same_in_whatever_pieces_they_come() -> None:
    content = start() + b": keepalive\r\n\r\n" + log("stdout", "ü".encode(), 2) + b"event: x\ndata: a\ndata: b\n\n"
    whole = EventParser().feed(content)
    assert [event.event for event in whole] == ["start", "", "log", "x"]
    assert whole[-1].data == "a\nb"
    parser = EventParser()
    assert [event for i in range(len(content)) for event in parser.feed(content[i : i + 1])] == whole


def test_an_event_that_was_not_finished_is_not_given_out() -> None:
    assert EventParser().feed(log("stdout", b"abc", 3)[:-1]) == []


def test_an_endless_event_is_refused() -> None:
    parser = EventParser()
    with pytest.raises(MalformedEventError, match="more than"):
        for _ in range(MAX_EVENT // 65536 + 2):
            parser.feed(b"d" * 65536)
    parser = EventParser()
    with pytest.raises(MalformedEventError, match="more than"):
        for _ in range(MAX_EVENT // 65536 + 2):
            parser.feed(b"data: " + b"d" * 65536 + b"\n")


def test_bytes_that_come_twice_are_given_out_once() -> None:
    cursor = OutputCursor("n")
    events(cursor, start() + log("stdout", b"abcd", 4))
    assert events(cursor, start(2) + log("stdout", b"cdef", 6) + log("stdout", b"ef", 6)) == [
        None,
        Output("stdout", b"ef", 6),
        None,
    ]


def test_a_hole_without_a_gap_is_refused() -> None:
    cursor = OutputCursor("n")
    with pytest.raises(MalformedEventError, match="begins at 2, expected 0"):
        events(cursor, log("stdout", b"cd", 4))


def test_a_gap_moves_the_position() -> None:
    cursor = OutputCursor("n", 10)
    assert events(cursor, start(10) + gap(10, 500) + log("stderr", b"x", 501)) == [
        Started(PROCESS),
        Gap(10, 500),
        Output("stderr", b"x", 501),
    ]
    assert cursor.position == 501


@pytest.mark.parametrize(
    "data",
    ["", "[]", '{"stream":"stdout"}', '{"stream":"x","data":"","offset":0}', '{"stream":"stdout","dataBase64":"*","offset":0}'],
)
def test_nonsense_is_refused(data: str) -> None:
    with pytest.raises(MalformedEventError):
        OutputCursor("n").accept(ServerEvent("log", data))


def test_unknown_events_are_left_out() -> None:
    assert OutputCursor("n").accept(ServerEvent("news", "whatever")) is None


def test_a_lost_outcome_is_no_number() -> None:
    event = events(OutputCursor("n"), exited(0, reason="lost", exitCode=None, message="gone"))[0]
    assert isinstance(event, Exited)
    assert event.exit_code is None


def started(clock: Clock, *, deadline: float | None = None) -> GoingOn:
    cursor = OutputCursor("n")
    judge = GoingOn(cursor, starts=True, deadline=deadline, clock=clock)
    judge.starting()
    cursor.accept(EventParser().feed(start())[0])
    judge.sign_of_life(has_news=False)
    return judge


def test_a_start_that_did_not_leave_this_machine_is_told() -> None:
    judge = GoingOn(OutputCursor("n"), starts=True, deadline=None, clock=Clock())
    judge.starting()
    with pytest.raises(UnreachableError):
        judge.after(UnreachableError("no", was_sent=False))
    assert not judge.may_run


def test_a_start_that_never_left_is_tried_again_when_asked_for() -> None:
    judge = GoingOn(OutputCursor("n"), starts=True, deadline=None, clock=Clock(), retry=RetryConfig(max_retries=2))
    for _ in range(2):
        judge.starting()
        judge.after(UnreachableError("no", was_sent=False))
        assert judge.is_starting
        assert not judge.may_run
    judge.starting()
    with pytest.raises(UnreachableError):
        judge.after(UnreachableError("no", was_sent=False))


def test_a_start_refused_by_a_gateway_is_repeated_and_then_told_unless_it_came_through() -> None:
    judge = GoingOn(OutputCursor("n"), starts=True, deadline=None, clock=Clock())
    for _ in range(5):
        judge.starting()
        judge.after(APIError("bad gateway", status_code=502))
        assert judge.may_run
        judge.after(NotFoundError("unknown", status_code=404))
        assert judge.is_starting
    judge.starting()
    judge.after(APIError("bad gateway", status_code=502))
    with pytest.raises(APIError, match="bad gateway"):
        judge.after(NotFoundError("unknown", status_code=404))
    assert not judge.may_run


def test_a_start_that_a_gateway_left_unclear_may_run_until_the_server_denies_it() -> None:
    judge = GoingOn(OutputCursor("n"), starts=True, deadline=None, clock=Clock())
    judge.starting()
    judge.after(APIError("bad gateway", status_code=502))
    with pytest.raises(APIError, match="bad gateway"):
        judge.after(APIError("not you", status_code=403))
    assert judge.may_run
    assert not judge.is_starting


def test_going_on_ends_when_nothing_is_heard_for_long() -> None:
    clock = Clock()
    judge = started(clock)
    assert judge.after(UnreachableError("cut")) == 0.0
    clock.now = PATIENCE + 1
    with pytest.raises(UnreachableError, match=f"nothing was heard of process {PROCESS}"):
        judge.after(UnreachableError("cut"))


def test_a_server_that_does_not_end_a_process_at_its_limit_is_not_believed() -> None:
    clock = Clock()
    judge = started(clock, deadline=90.0)
    clock.now = 91.0
    with pytest.raises(SandboxTimeoutError):
        judge.sign_of_life(has_news=False)


def test_output_that_still_comes_after_the_limit_is_read_to_its_end() -> None:
    clock = Clock()
    judge = started(clock, deadline=90.0)
    for _ in range(100):
        clock.now += 50.0
        judge.sign_of_life(has_news=True)
        assert judge.after(UnreachableError("cut")) == 0.0
    clock.now += 61.0
    with pytest.raises(SandboxTimeoutError):
        judge.after(UnreachableError("cut"))


def test_a_slow_reader_does_not_make_a_command_late() -> None:
    clock = Clock()
    judge = started(clock, deadline=90.0)
    clock.now = 1000.0
    judge.reader_took(1000.0)
    judge.sign_of_life(has_news=False)
    assert judge.after(UnreachableError("cut")) == 0.0


def test_retry_after_of_a_busy_server_is_kept() -> None:
    assert started(Clock()).after(APIError("busy", status_code=429, retry_after=7.0)) == 7.0


def test_a_refusal_in_the_middle_is_told() -> None:
    with pytest.raises(APIError, match="forbidden now"):
        started(Clock()).after(APIError("forbidden now", status_code=403))


def test_a_stream_that_stays_malformed_is_given_up() -> None:
    judge = started(Clock())
    with pytest.raises(UnreachableError, match="not understood"):
        for _ in range(100):
            judge.after(MalformedEventError("nonsense"))
