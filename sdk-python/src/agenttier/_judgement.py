"""What a Sandbox says about where it is going. Judged only on a status that describes the present spec. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Goal = Literal["running", "stopped", "deleted"]


@dataclass(frozen=True)
class There:
    """It is where it should be."""


@dataclass(frozen=True)
class NotYet:
    """``why`` is one sentence, may be empty."""

    why: str


@dataclass(frozen=True)
class Never:
    """Waiting longer does not help without somebody doing something."""

    why: str


Judgement = There | NotYet | Never


def judge(sandbox: dict[str, Any], goal: Goal) -> Judgement:
    """:param sandbox: the object as kube-apiserver gives it"""
    metadata = sandbox.get("metadata") or {}
    status = sandbox.get("status") or {}
    if goal == "deleted":
        return NotYet("it still exists")
    if metadata.get("deletionTimestamp"):
        return Never("it is being deleted")
    if (status.get("observedGeneration") or -1) < (metadata.get("generation") or 0):
        return NotYet("the controller has not seen it yet")
    phase = status.get("phase")
    ready: dict[str, Any] = next((item for item in status.get("conditions") or () if item.get("type") == "Ready"), {})
    why = _why(ready, status)
    if goal == "stopped":
        if phase == "Stopped":
            return There()
    else:
        if ready.get("status") == "True":
            return There()
        if phase == "Stopped" and (sandbox.get("spec") or {}).get("powerState") == "Stopped":
            return Never(f"it is stopped, call resume(): {why}")
    if phase == "Error" or ready.get("reason") == "NotSupported":
        return Never(why)
    return NotYet(why)


def _why(ready: dict[str, Any], status: dict[str, Any]) -> str:
    reason = ready.get("reason") or ""
    message = ready.get("message") or status.get("message") or ""
    return f"{reason}: {message}" if reason and message else reason + message
