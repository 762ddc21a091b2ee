"""The head of an answer that gives a file or the rest of one, and how a time is written. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from agenttier._errors import AgentTierError

_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18})")
_MODE = re.compile(r"[0-7]{1,6}")


@dataclass(frozen=True)
class FileHead:
    """``etag`` is empty where it cannot tell whether the file is still the same; ``total`` is the size of the whole file."""

    etag: str
    mode: str
    last_modified: str
    total: int


def first_head(path: str, headers: Mapping[str, str]) -> FileHead:
    """Of an answer that begins at 0."""
    if headers.get("content-type", "").startswith("application/json"):
        raise AgentTierError(f"{path!r} is a folder: use list()")
    length = headers.get("content-length", "")
    if not re.fullmatch(r"\d{1,18}", length):
        raise AgentTierError(f"the server gave no length of {path!r}")
    etag = headers.get("etag", "")
    mode = headers.get("agenttier-file-mode", "")
    return FileHead(
        etag="" if etag.startswith("W/") else etag,
        mode=mode if _MODE.fullmatch(mode) else "",
        last_modified=headers.get("last-modified", ""),
        total=int(length),
    )


def goes_on(status_code: int, headers: Mapping[str, str], head: FileHead, position: int) -> bool:
    """Whether this answer is the rest of the same file from ``position`` on."""
    parts = _RANGE.fullmatch(headers.get("content-range", ""))
    return (
        status_code == 206
        and headers.get("etag", "") == head.etag
        and parts is not None
        and int(parts[1]) == position
        and int(parts[2]) == head.total
    )


def rfc3339(nanoseconds: int) -> str:
    """A time in nanoseconds since 1970, exactly; empty for one that RFC 3339 cannot write."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    try:
        time = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)
    except OverflowError:
        return ""
    return f"{time:%Y-%m-%dT%H:%M:%S}.{rest:09d}Z" if time.year >= 1000 else ""
