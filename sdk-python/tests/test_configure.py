"""Configuring an agent: to its result, over cuts and over ``continue``."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from agenttier import AgentTierClient, AgentTierError, AsyncAgentTierClient, BearerTokenAuth, ConflictError, Output, Sandbox
from agenttier._configuration import MAX_FILE, MAX_TOTAL, too_large
from tests.fake_agent import INSTALL, FakeConfigure, answer, go_on, refused, result
from tests.fake_process import event, log
from tests.https_server import HttpsServer

OUTPUT = "Grün installed\n".encode()


@contextmanager
def box_of(serve: FakeConfigure) -> Iterator[Sandbox]:
    with HttpsServer(serve) as server:
        auth = BearerTokenAuth("t", ca_cert=server.ca_cert)
        with AgentTierClient(server.url, auth, namespace="team") as client:
            yield client.get_sandbox("box")


def test_files_install_and_entrypoint_go_up_in_one_call_with_live_output(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"print(1)\xff")
    server = FakeConfigure([answer(log("stdout", b"one ", 4), log("stderr", b"two", 7), result())])
    seen: list[Output] = []
    with box_of(server) as box:
        configured = box.agent.configure(
            files=[("/workspace/a.py", tmp_path / "a.py"), ("/workspace/b", b"\x00")],
            install_command=["pip", "install", "x y"],
            entrypoint=["python3", "a.py"],
            on_log=seen.append,
        )
    assert server.bodies == [
        {
            "files": [
                {"path": "/workspace/a.py", "contentBase64": base64.b64encode(b"print(1)\xff").decode()},
                {"path": "/workspace/b", "contentBase64": "AA=="},
            ],
            "installCommand": ["pip", "install", "x y"],
            "entrypoint": ["python3", "a.py"],
        }
    ]
    assert [(output.stream, output.data) for output in seen] == [("stdout", b"one "), ("stderr", b"two")]
    assert configured.ok
    assert (configured.install_exit_code, configured.skipped, configured.entrypoint) == (0, False, ("python3", "a.py"))
    assert configured.last_configured_at is not None
    assert configured.last_configured_at.year == 2026


def test_what_is_in_force_already_is_skipped() -> None:
    server = FakeConfigure([answer(result(skipped=True))])
    with box_of(server) as box:
        configured = box.agent.configure(install_script="true")
    assert (configured.skipped, configured.ok) == (True, True)
    assert server.bodies == [{"installScript": "true"}]


def test_an_entrypoint_alone_runs_nothing() -> None:
    server = FakeConfigure([answer(result(installExitCode=None, installCommandHash=None))])
    with box_of(server) as box:
        configured = box.agent.configure(entrypoint=["./run"])
    assert (configured.install_exit_code, configured.install_command_hash, configured.ok) == (None, "", True)
    assert server.bodies == [{"entrypoint": ["./run"]}]


def test_an_install_that_fails_is_a_result() -> None:
    server = FakeConfigure([answer(log("stderr", b"no such package", 15), result(installExitCode=3, lastConfiguredAt=None))])
    with box_of(server) as box:
        configured = box.agent.configure(install_script="exit 3")
    assert (configured.install_exit_code, configured.ok, configured.last_configured_at) == (3, False, None)


@pytest.mark.parametrize("pause", [0, 3, len(OUTPUT)])
@pytest.mark.parametrize("skipped", [False, True])
def test_continue_is_followed_and_the_result_asked_for_again(pause: int, skipped: bool) -> None:
    first = answer(*([log("stdout", OUTPUT[:pause], pause)] if pause else []), go_on(INSTALL, pause))
    joined = answer(log("stdout", OUTPUT, len(OUTPUT)), result(skipped=skipped))
    server = FakeConfigure([first, joined], (OUTPUT, 0))
    seen: list[bytes] = []
    with box_of(server) as box:
        configured = box.agent.configure(install_script="x", on_log=lambda output: seen.append(output.data))
    assert b"".join(seen) == OUTPUT
    assert (configured.install_exit_code, configured.skipped) == (0, False)
    assert len(server.bodies) == 2
    assert server.bodies[0] == server.bodies[1]


def test_an_install_that_fails_after_continue_is_not_run_again() -> None:
    server = FakeConfigure([answer(go_on(INSTALL, 0))], (OUTPUT, 9))
    with box_of(server) as box:
        assert box.agent.configure(install_script="x").install_exit_code == 9
    assert len(server.bodies) == 1


@pytest.mark.parametrize("cut", [0, 60, 150, 220])
def test_a_cut_joins_by_the_same_call_and_doubles_no_output(cut: int) -> None:
    events = [log("stdout", OUTPUT, len(OUTPUT)), result()]
    server = FakeConfigure([answer(*events, cut=cut), answer(*events)])
    seen: list[bytes] = []
    with box_of(server) as box:
        assert box.agent.configure(install_script="x", on_log=lambda output: seen.append(output.data)).ok
    assert b"".join(seen) == OUTPUT
    assert len(server.bodies) == 2


def test_a_conflict_with_our_own_call_that_was_cut_passes() -> None:
    busy = refused(409, "Conflict", "another configure is under way")
    server = FakeConfigure([answer(cut=0), busy, answer(result())])
    with box_of(server) as box:
        assert box.agent.configure(install_script="x").ok
    assert len(server.bodies) == 3


def test_another_configuration_under_way_is_a_conflict() -> None:
    server = FakeConfigure([refused(409, "Conflict", "another configure is under way")])
    with box_of(server) as box, pytest.raises(ConflictError, match="under way"):
        box.agent.configure(install_script="x")


def test_what_fails_before_the_install_is_told() -> None:
    server = FakeConfigure([answer(event("error", 0, {"phase": "files", "message": "no space left"}))])
    with box_of(server) as box, pytest.raises(AgentTierError, match=r"configure failed \(files\): no space left"):
        box.agent.configure(install_script="x")


def test_a_large_file_goes_up_first_and_is_left_out(tmp_path: Path) -> None:
    with (tmp_path / "model").open("wb") as file:
        file.truncate(MAX_FILE + 1)
    server = FakeConfigure([answer(result())])
    with box_of(server) as box:
        box.agent.configure(files=[("/workspace/model", tmp_path / "model"), ("/workspace/a", b"x")])
        with pytest.raises(ValueError, match=r"files\.upload"):
            box.agent.configure(files=[("/workspace/model", tmp_path / "model")])
    assert [path for path, _ in server.written] == ["/workspace/model"] * 3
    assert sum(size for _, size in server.written) == MAX_FILE + 1
    assert [item["path"] for item in server.bodies[0]["files"]] == ["/workspace/a"]


@pytest.mark.parametrize(
    ("sizes", "ahead"),
    [
        ([], set()),
        ([MAX_FILE, MAX_FILE + 1, 0], {1}),
        ([MAX_FILE] * (MAX_TOTAL // MAX_FILE), set()),
        ([1, *[MAX_FILE] * (MAX_TOTAL // MAX_FILE)], {1}),
        ([MAX_FILE - 2, *[MAX_FILE] * 4, MAX_FILE - 1], {1, 2}),
    ],
)
def test_which_files_a_configure_cannot_take(sizes: list[int], ahead: set[int]) -> None:
    assert too_large(sizes) == ahead


@pytest.mark.parametrize("arguments", [{}, {"install_command": ["x"], "install_script": "x"}])
def test_nothing_and_two_installs_are_refused_here(arguments: dict[str, Any]) -> None:
    with box_of(FakeConfigure([])) as box, pytest.raises(ValueError, match="give"):
        box.agent.configure(**arguments)


def test_the_asynchronous_client_configures_as_well() -> None:
    async def run(server: HttpsServer) -> None:
        auth = BearerTokenAuth("t", ca_cert=server.ca_cert)
        async with AsyncAgentTierClient(server.url, auth, namespace="team") as client:
            box = await client.get_sandbox("box")
            assert (await box.agent.configure([("/workspace/a", b"x")], install_script="x")).ok

    fake = FakeConfigure([answer(go_on(INSTALL, 0)), answer(result())], (OUTPUT, 0))
    with HttpsServer(fake) as server:
        anyio.run(run, server)
