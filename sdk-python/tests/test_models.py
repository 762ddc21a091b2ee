"""Models hold what the server sends, and come back from JSON as they went."""

from __future__ import annotations

import base64

import pytest

from agenttier import CommandResult, FileEntry, FileWritten, ProcessInfo, SandboxPhase, SandboxSummary, Template
from agenttier._collected import CollectedOutput
from agenttier._events import Exited, Gap, Output
from agenttier._requests import MAX_STDIN, exec_body, sandbox_object

SANDBOX = {
    "metadata": {"name": "box", "namespace": "team", "creationTimestamp": "2026-01-01T00:00:00Z", "uid": "1"},
    "spec": {"templateRef": {"name": "general", "kind": "ClusterSandboxTemplate"}, "createdBy": {"sub": "jane", "email": "j@x"}},
    "status": {
        "phase": "Running",
        "podName": "box-1",
        "mode": "code",
        "somethingNew": 5,
        "conditions": [{"type": "Ready", "status": "True", "reason": "Ready", "lastTransitionTime": "2026-01-01T00:00:01Z"}],
    },
}


def test_a_sandbox_becomes_a_summary_with_the_names_of_the_wire() -> None:
    summary = SandboxSummary.from_object(SANDBOX)
    assert (summary.sandbox_id, summary.status, summary.template_ref) == ("box", SandboxPhase.RUNNING, "general")
    wire = summary.model_dump(mode="json", by_alias=True)
    assert wire["sandboxId"] == "box"
    assert wire["createdBy"] == {"sub": "jane", "email": "j@x", "displayName": ""}
    assert SandboxSummary.model_validate_json(summary.model_dump_json(by_alias=True)) == summary


def test_a_sandbox_that_the_controller_has_not_seen_is_one() -> None:
    summary = SandboxSummary.from_object({"metadata": {"name": "box", "namespace": "team"}, "spec": {}})
    assert summary.status is SandboxPhase.UNKNOWN
    assert SandboxPhase("Hibernating") is SandboxPhase.UNKNOWN


def test_processes_files_and_templates() -> None:
    process = ProcessInfo.model_validate(
        {
            "id": "exec-1",
            "class": "exec",
            "name": "sh",
            "startedAt": "2026-01-01T00:00:00.000Z",
            "running": False,
            "exit": {"reason": "lost", "exitCode": None, "message": "gone"},
            "bytesStdout": 5,
            "stdinOpen": True,
        }
    )
    assert process.exit is not None
    assert (process.process_class, process.exit.exit_code) == ("exec", None)
    assert ProcessInfo.model_validate_json(process.model_dump_json(by_alias=True)) == process
    entry = {"name": "a", "size": 1, "isDir": False, "mode": "0644", "modifiedAt": "2026-01-01T00:00:00Z", "linkTarget": "b"}
    assert FileEntry.model_validate(entry).link_target == "b"
    assert FileWritten.model_validate({"path": "a", "bytes": 7}).size == 7
    template = Template.from_object({"metadata": {"name": "t"}, "spec": {"image": {"repository": "i"}}}, "ClusterSandboxTemplate")
    assert (template.name, template.image, template.namespace) == ("t", "i", "")


def test_a_result_keeps_bytes_that_are_no_text() -> None:
    result = CommandResult(process="p", exit_code=0, reason="completed", stdout_bytes=b"\xff\x00")
    assert result.stdout == "\ufffd\x00"
    assert CommandResult.model_validate_json(result.model_dump_json()) == result
    assert result.ok


@pytest.mark.parametrize(("reason", "code"), [("completed", 1), ("timeout", -1), ("lost", None), ("canceled", -1), ("oom", 137)])
def test_only_a_command_that_completed_with_0_is_ok(reason: str, code: int | None) -> None:
    result = CommandResult(process="p", exit_code=code, reason=reason, stderr_bytes=b"the end\n")
    assert not result.ok
    assert "the end" in result.failure()


def test_output_over_the_limit_is_cut_and_told() -> None:
    collected = CollectedOutput(5)
    for event in (Output("stdout", b"abc", 3), Output("stderr", b"defg", 7), Gap(7, 9), Output("stdout", b"h", 10)):
        collected.add(event)
    collected.add(Exited("p", "completed", 0))
    result = collected.result()
    assert (result.stdout_bytes, result.stderr_bytes, result.truncated, result.dropped_bytes) == (b"abc", b"de", True, 2)


def test_the_body_of_an_exec() -> None:
    body = exec_body(["echo", "a"], process="n", timeout=1.2, stdin="ü", env={"A": "b"}, cwd="x")
    assert body == {
        "process": "n",
        "command": ["echo", "a"],
        "timeoutSeconds": 2,
        "stdinBase64": base64.b64encode("ü".encode()).decode(),
        "env": {"A": "b"},
        "workingDir": "x",
    }
    assert exec_body("echo a", process="n", detach=True) == {
        "process": "n",
        "script": "echo a",
        "timeoutSeconds": 0,
        "detach": True,
    }


def test_limits_are_told_before_anything_is_sent() -> None:
    with pytest.raises(ValueError, match=f"has {MAX_STDIN + 1} bytes, at most {MAX_STDIN}"):
        exec_body("x", process="n", stdin=b"a" * (MAX_STDIN + 1))
    assert len(str(exec_body("x", process="n", stdin=b"a" * MAX_STDIN))) < 16 * 1024 * 1024
    for timeout in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="expected seconds above 0"):
            exec_body("x", process="n", timeout=timeout)


def made(**more: object) -> dict[str, object]:
    names = (
        "name",
        "template",
        "image",
        "mode",
        "timeout",
        "idle_timeout",
        "storage_size",
        "ephemeral",
        "env",
        "resources",
        "labels",
        "annotations",
    )
    return sandbox_object(**({"namespace": "team", "template_kind": "SandboxTemplate"} | dict.fromkeys(names) | more))  # type: ignore[arg-type]


def test_a_sandbox_is_made_of_what_was_given_and_nothing_else() -> None:
    assert made(template="t", name="box")["spec"] == {"templateRef": {"kind": "SandboxTemplate", "name": "t"}}
    assert made(template="t", mode="agent")["spec"] == {
        "templateRef": {"kind": "SandboxTemplate", "name": "t"},
        "mode": "agent",
    }
    assert made(image="i")["metadata"] == {"namespace": "team", "generateName": "sandbox-"}
    assert made(image="i", idle_timeout="0", ephemeral=False, env={"A": "b"})["spec"] == {
        "image": {"repository": "i"},
        "idleTimeout": "0",
        "storage": {"ephemeral": False},
        "env": [{"name": "A", "value": "b"}],
    }
    for wrong in ({}, {"image": "i", "name": "../x"}, {"template": "a/b"}, {"image": "i", "namespace": "A"}):
        with pytest.raises(ValueError):
            made(**wrong)
