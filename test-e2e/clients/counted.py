"""Hashes the output of a process as it comes, and tells all of it at the end, for the scripts beside this one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from agenttier import AgentTierError, Event, Exited, Gap, Output


def tell(events: Iterable[Event]) -> None:
    """Prints one line of JSON: {"reason", "exitCode", "stdout": {"bytes", "sha256"}, "stderr": {...}}."""
    hashes = {"stdout": hashlib.sha256(), "stderr": hashlib.sha256()}
    counts = {"stdout": 0, "stderr": 0}
    for event in events:
        if isinstance(event, Output):
            hashes[event.stream].update(event.data)
            counts[event.stream] += len(event.data)
        elif isinstance(event, Gap):
            raise AgentTierError(f"bytes {event.start} to {event.end} were dropped")
        elif isinstance(event, Exited):
            streams = {name: {"bytes": counts[name], "sha256": hashes[name].hexdigest()} for name in counts}
            print(json.dumps({"reason": event.reason, "exitCode": event.exit_code, **streams}))
