"""A sandbox's life by the SDK, on the cluster of KUBECONFIG: python e2e/slice.py NAMESPACE [TEMPLATE | --image IMAGE]."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from agenttier import (
    AgentTierClient,
    AsyncAgentTierClient,
    CommandFailedError,
    ConflictError,
    Exited,
    NotFoundError,
    Output,
    Sandbox,
    SandboxPhase,
    Started,
)

E = TypeVar("E", bound=Exception)
SIZE = 16 * 1024 * 1024


def say(text: str) -> None:
    print(text, flush=True)


def raised(kind: type[E], call: Callable[[], object]) -> E:
    try:
        answer = call()
    except kind as e:
        return e
    raise AssertionError(f"expected {kind.__name__}, got {answer!r}")


def commands(box: Sandbox) -> None:
    result = box.exec(["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (result.stdout, result.stderr, result.exit_code, result.reason) == ("out\n", "err\n", 3, "completed"), result
    assert box.exec("cat", stdin=b"\x00\xff bytes").stdout_bytes == b"\x00\xff bytes"
    assert box.exec(["no-such-program"]).exit_code == 127
    limited = box.exec("echo before; sleep 600", timeout=1)
    assert (limited.timed_out, limited.exit_code, limited.stdout) == (True, -1, "before\n"), limited
    failed = raised(CommandFailedError, lambda: box.exec("echo why >&2; exit 9", check=True))
    assert failed.result.exit_code == 9, failed
    assert "why" in str(failed), failed
    many = box.exec("head -c 5000000 /dev/zero; head -c 3000000 /dev/zero >&2")
    assert (len(many.stdout_bytes), len(many.stderr_bytes)) == (5_000_000, 3_000_000)
    say("exec: outcomes, limits, bytes")


def streams(box: Sandbox) -> None:
    with box.exec_stream("for i in 1 2 3; do echo $i; sleep 0.2; done; exit 4", timeout=30) as stream:
        events = list(stream)
    assert isinstance(events[0], Started), events
    assert b"".join(event.data for event in events if isinstance(event, Output)) == b"1\n2\n3\n"
    assert isinstance(events[-1], Exited), events
    assert events[-1].exit_code == 4
    process = events[-1].process
    assert b"".join(box.logs(process, offset=2)) == b"2\n3\n"
    with box.exec_stream("echo begun; sleep 600") as abandoned:
        for event in abandoned:
            if isinstance(event, Output):
                break
    with box.follow(abandoned.process) as rest:
        assert [event.reason for event in rest if isinstance(event, Exited)] == ["canceled"]
    detached = box.start("echo from afar; sleep 600")
    assert any(item.id == detached and item.running for item in box.processes())
    box.signal(detached, "KILL")
    with box.follow(detached) as rest:
        assert [event.signal for event in rest if isinstance(event, Exited)] == ["KILL"]
    say("exec_stream, logs, processes, signal, cancel")


def terminal(box: Sandbox) -> None:
    def shown(text: str, sent: str) -> str:
        """The process, once its terminal shows the text."""
        with box.terminal("work", columns=90, rows=20) as joined:
            joined.send_stdin(sent)
            seen = b""
            for event in joined:
                seen += event.data if isinstance(event, Output) else b""
                if text.encode() in seen:
                    return joined.process
        raise AssertionError(f"the terminal ended without {text!r}: {seen!r}")

    first = shown("size 20 90", "kept=here; echo size $(stty size)\n")
    again = shown("so 42 here", "echo so $((6*7)) $kept\n")
    assert again == first
    with box.terminal("work", takeover=True) as last:
        last.send_stdin("exit 5\n")
        assert [event.exit_code for event in last if isinstance(event, Exited)] == [5]
    with box.terminal("work") as new:
        assert new.process != first
        new.close_stdin()
        list(new)
    say("terminal: a named shell that stays when its viewer leaves")


def files(box: Sandbox) -> None:
    content = os.urandom(SIZE + 12_345)
    with tempfile.TemporaryDirectory() as folder:
        local = Path(folder, "local")
        local.write_bytes(content)
        local.chmod(0o751)
        written = box.files.upload(local, "deep/er/blob")
        assert written.size == len(content), written
        assert box.exec("sha256sum deep/er/blob").stdout.split()[0] == hashlib.sha256(content).hexdigest()
        back = box.files.download("deep/er/blob", Path(folder, "back"))
        assert back.read_bytes() == content
        assert back.stat().st_mode & 0o777 == 0o751
    entry = box.files.stat("deep/er/blob")
    assert (entry.size, entry.mode) == (len(content), "0751"), entry
    box.files.write("a b+%41&ü.txt", "text")
    assert box.files.read("a b+%41&ü.txt") == b"text"
    assert "a b+%41&ü.txt" in [item.name for item in box.files.list()]
    raised(NotFoundError, lambda: box.files.read("no-such-file"))
    say("files: upload, download, write, read, list, stat")


async def both_ends(namespace: str, name: str) -> None:
    async with AsyncAgentTierClient(namespace=namespace) as client:
        box = await client.get_sandbox(name)
        results = await asyncio.gather(*(box.exec(f"echo {number}") for number in range(8)))
        assert [result.stdout for result in results] == [f"{number}\n" for number in range(8)]
        process = asyncio.get_running_loop().create_future()

        async def watched() -> None:
            async with box.exec_stream("sleep 600") as stream:
                async for event in stream:
                    process.set_result(event.process if isinstance(event, Started) else "")

        task = asyncio.create_task(watched())
        started = await process
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with box.follow(started) as rest:
            assert [event.reason async for event in rest if isinstance(event, Exited)] == ["canceled"]
    say("the asynchronous client; a cancelled task cancels its command")


def power(box: Sandbox) -> None:
    box.stop()
    box.wait_until_stopped()
    assert box.phase is SandboxPhase.STOPPED
    refused = raised(ConflictError, lambda: box.exec("true"))
    assert "resume" in str(refused), refused
    box.resume()
    box.wait_until_running()
    assert box.files.read("a b+%41&ü.txt") == b"text"
    say("stop, resume: the workspace is still there")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("namespace")
    arguments.add_argument("template", nargs="?")
    arguments.add_argument("--image")
    given = arguments.parse_args()
    with AgentTierClient(namespace=given.namespace) as client:
        box = client.create_sandbox(
            template=given.template,
            image=given.image,
            labels={"made-by": "sdk"},
            resources={"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "256Mi"}},
        )
        try:
            box.wait_until_running()
            assert box.name in [item.name for item in client.list_sandboxes(label_selector="made-by=sdk")]
            assert client.current_user().username
            say(f"{box.name} is {box.phase.value}")
            commands(box)
            streams(box)
            terminal(box)
            files(box)
            asyncio.run(both_ends(given.namespace, box.name))
            power(box)
        finally:
            box.terminate()
        box.wait_until_deleted()
        say("terminated")


if __name__ == "__main__":
    main()
