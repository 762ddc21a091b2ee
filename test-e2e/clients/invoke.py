"""Invokes an agent once by the SDK and tells its output, as counted.py does: python invoke.py NAMESPACE SANDBOX ARG..."""

from __future__ import annotations

import sys

from agenttier import AgentTierClient
from counted import tell


def main(namespace: str, sandbox: str, args: list[str]) -> None:
    with AgentTierClient(namespace=namespace) as client, client.get_sandbox(sandbox).agent.invoke_stream(args=args) as events:
        tell(events)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
