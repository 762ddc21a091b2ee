"""Runs commands by the SDK, as lines of JSON ask for them: python sdk.py NAMESPACE SANDBOX BLOB.

Asked by {"argv": [...], "stdin": so many bytes of the blob}. Tells {"process": id} at first, {"seen": bytes of stdout} on the
way, and at the end {"reason", "exitCode", "stdout": {"bytes", "sha256"}, "stderr": {...}}, or {"error": text} if the SDK fails.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from agenttier import AgentTierClient, AgentTierError, Exited, Gap, Output, RetryConfig, Sandbox


def tell(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def run(box: Sandbox, argv: list[str], stdin: bytes) -> None:
    hashes = {"stdout": hashlib.sha256(), "stderr": hashlib.sha256()}
    counts = {"stdout": 0, "stderr": 0}
    stream = box.exec_stream(argv, stdin=stdin or None)
    tell(process=stream.process)
    with stream as events:
        for event in events:
            if isinstance(event, Output):
                hashes[event.stream].update(event.data)
                counts[event.stream] += len(event.data)
                tell(seen=counts["stdout"])
            elif isinstance(event, Gap):
                raise AgentTierError(f"bytes {event.start} to {event.end} were dropped")
            elif isinstance(event, Exited):
                streams = {name: {"bytes": counts[name], "sha256": hashes[name].hexdigest()} for name in counts}
                tell(process=event.process, reason=event.reason, exitCode=event.exit_code, **streams)


def main() -> None:
    namespace, sandbox, blob = sys.argv[1:]
    content = Path(blob).read_bytes()
    with AgentTierClient(namespace=namespace, retry=RetryConfig(max_retries=20)) as client:
        box = client.get_sandbox(sandbox)
        for line in sys.stdin:
            asked = json.loads(line)
            try:
                run(box, asked["argv"], content[: asked["stdin"]])
            except AgentTierError as e:
                tell(error=f"{type(e).__name__}: {e}")


if __name__ == "__main__":
    main()
