"""Watches a process by the SDK and tells its output, as counted.py does: python attach.py NAMESPACE SANDBOX PROCESS"""

from __future__ import annotations

import sys

from agenttier import AgentTierClient
from counted import tell


def main(namespace: str, sandbox: str, process: str) -> None:
    with AgentTierClient(namespace=namespace) as client, client.get_sandbox(sandbox).attach(process, stdin=False) as events:
        tell(events)


if __name__ == "__main__":
    main(*sys.argv[1:])
