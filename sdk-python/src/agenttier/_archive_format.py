"""What an archive is, and whether one is whole. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from agenttier._errors import AgentTierError

ArchiveFormat = Literal["zip", "tar", "tar.gz"]

_PROCESS = re.compile(r"arch-[0-9a-f]{24}")


def format_of_name(name: str) -> ArchiveFormat:
    """That of an archive to be made under this name."""
    return "tar.gz" if name.endswith((".tar.gz", ".tgz")) else "zip"


def format_of_content(beginning: bytes) -> ArchiveFormat:
    """That of an archive that begins so."""
    if beginning.startswith(b"PK"):
        return "zip"
    return "tar.gz" if beginning.startswith(b"\x1f\x8b") else "tar"


def first_process(headers: Mapping[str, str]) -> str:
    """The process that makes the archive."""
    process = headers.get("agenttier-process", "")
    if not _PROCESS.fullmatch(process):
        raise AgentTierError("the server does not say which process makes the archive")
    return process


def check_whole(processes: Mapping[str, Any], process: str) -> None:
    """Raises if the process has ended and what it wrote is no whole archive."""
    for item in processes.get("items") or ():
        if not isinstance(item, dict) or item.get("id") != process or item.get("running"):
            continue
        exit_ = item.get("exit")
        if isinstance(exit_, dict) and (exit_.get("reason") != "completed" or exit_.get("exitCode") != 0):
            raise AgentTierError(
                f"the sandbox has not made the archive to its end ({exit_.get('reason')}): read logs of {process}, stream stderr"
            )
