"""An agent configured once and invoked by the SDK, on the cluster of KUBECONFIG: python e2e/agent.py NAMESPACE TEMPLATE."""

from __future__ import annotations

import asyncio
import json
import sys

from agenttier import AgentTierClient, APIError, AsyncAgentTierClient, Exited, Sandbox, Started

PROGRAM = b"""
case "$1" in
  slow) i=0; while [ $i -lt 30 ]; do echo "line $i"; i=$((i+1)); sleep 0.1; done ;;
  sleep) echo begun; sleep 600 ;;
  *) cat ;;
esac
"""


def refusal(box: Sandbox) -> int:
    """The status of a call while nothing is configured."""
    try:
        box.agent.invoke("nothing is configured")
    except APIError as e:
        return e.status_code
    return 0


def run(namespace: str, template: str) -> str:
    with AgentTierClient(namespace=namespace) as client:
        box = client.create_sandbox(template, mode="agent", ephemeral=True)
        box.wait_until_running()
        assert refusal(box) == 424
        logged: list[bytes] = []
        result = box.agent.configure(
            files=[("/workspace/agent.sh", PROGRAM)],
            install_script="echo installing",
            entrypoint=["sh", "/workspace/agent.sh"],
            on_log=lambda output: logged.append(output.data),
        )
        assert (result.install_exit_code, result.skipped) == (0, False), result
        assert b"".join(logged) == b"installing\n", logged
        again = box.agent.configure(
            files=[("/workspace/agent.sh", PROGRAM)],
            install_script="echo installing",
            entrypoint=["sh", "/workspace/agent.sh"],
        )
        assert again.skipped, again
        answer = box.agent.invoke({"prompt": "summarize"})
        assert (json.loads(answer.stdout), answer.exit_code) == ({"prompt": "summarize"}, 0), answer
        assert box.agent.invoke(prompt="hello").stdout == "hello"
        slow = box.agent.invoke(args=["slow"])
        assert slow.stdout == "".join(f"line {i}\n" for i in range(30)), slow
        with box.agent.invoke_stream(args=["sleep"]) as events:
            first = next(iter(events))
            assert isinstance(first, Started), first
            box.agent.invoke_cancel(first.process)
            assert [event.reason for event in events if isinstance(event, Exited)] == ["canceled"]
        failed = box.agent.configure(install_script="exit 3", entrypoint=["false"])
        assert failed.install_exit_code == 3, failed
        assert box.agent.invoke("still in force").stdout == "still in force"
        return box.name


async def run_async(namespace: str, name: str) -> None:
    async with AsyncAgentTierClient(namespace=namespace) as client:
        box = await client.get_sandbox(name)
        answers = await asyncio.gather(*(box.agent.invoke(f"{i}") for i in range(4)))
        assert [answer.stdout for answer in answers] == ["0", "1", "2", "3"], answers


if __name__ == "__main__":
    asyncio.run(run_async(sys.argv[1], run(sys.argv[1], sys.argv[2])))
    print("done")
