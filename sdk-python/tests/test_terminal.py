"""Named terminals: the shell is found by its name once, and never left for another one of that name."""

from __future__ import annotations

import pytest

from agenttier import APIError, Exited, Gap, Output, Started
from tests.fake_attach import AttachServer, EchoProcess, Limits, refused
from tests.fake_process import PROCESS
from tests.https_server import Answer, HttpsServer, Request, Takeover
from tests.test_stdin import client_of


def test_a_terminal_goes_on_in_the_same_shell_from_its_last_screen() -> None:
    script = AttachServer(EchoProcess(), [Limits(), Limits(sent=400)])
    script.process.take(b"old screen ")
    script.screen = len(b"".join(data for _, data in script.process.output)) - 2
    with HttpsServer(script) as server, client_of(server) as client:
        with client.get_sandbox("box").terminal("work", columns=80, rows=24, takeover=True) as terminal:
            assert terminal.process == PROCESS
            terminal.send_stdin("exit\n")
            terminal.close_stdin()
            events = list(terminal)
    assert events[0] == Started(PROCESS)
    assert not [event for event in events if isinstance(event, Gap)], "what was before the screen is not lost"
    whole = b"".join(data for _, data in script.process.output)
    assert b"".join(event.data for event in events if isinstance(event, Output)) == whole[script.screen :]
    assert isinstance(events[-1], Exited)
    assert script.attached[0] == {"session": "work", "cols": "80", "rows": "24"}
    assert [query["process"] for query in script.attached[1:]] == [PROCESS] * (len(script.attached) - 1)
    assert script.attached[1]["takeover"] == "true"
    assert script.cancelled == 0


def test_one_who_watches_a_terminal_sends_nothing() -> None:
    script = AttachServer(EchoProcess())
    script.process.close()
    with HttpsServer(script) as server, client_of(server) as client:
        with client.get_sandbox("box").terminal(stdin=False, takeover=True) as terminal:
            with pytest.raises(ValueError, match="stdin=False"):
                terminal.send_stdin("x")
            list(terminal)
    assert script.attached == [{"session": "main"}, {"process": PROCESS, "offset": "0"}]


def test_the_refusal_of_a_terminal_is_the_servers() -> None:
    script = AttachServer(EchoProcess())

    def refusing(request: Request) -> Answer | Takeover:
        return refused(409, "Conflict") if "/attach" in request.target else script(request)

    with HttpsServer(refusing) as server, client_of(server) as client:
        with pytest.raises(APIError, match="no"):
            client.get_sandbox("box").terminal("Main")
