"""Invokes an agent once by the SDK and hashes its output as it comes: python invoke.py NAMESPACE SANDBOX ARG...

Tells one line of JSON: {"reason", "exitCode", "stdout": {"bytes", "sha256"}, "stderr": {...}}.
"""

from __future__ import annotations

import hashlib
import json
import sys

from agenttier import AgentTierClient, AgentTierError, Exited, Gap, Output


def main(namespace: str, sandbox: str, args: list[str]) -> None:
    hashes = {"stdout": hashlib.sha256(), "stderr": hashlib.sha256()}
    counts = {"stdout": 0, "stderr": 0}
    with AgentTierClient(namespace=namespace) as client, client.get_sandbox(sandbox).agent.invoke_stream(args=args) as events:
        for event in events:
            if isinstance(event, Output):
                hashes[event.stream].update(event.data)
                counts[event.stream] += len(event.data)
            elif isinstance(event, Gap):
                raise AgentTierError(f"bytes {event.start} to {event.end} were dropped")
            elif isinstance(event, Exited):
                streams = {name: {"bytes": counts[name], "sha256": hashes[name].hexdigest()} for name in counts}
                print(json.dumps({"reason": event.reason, "exitCode": event.exit_code, **streams}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
