"""What one configure carries, and what has to go up before it. Pure."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from typing import Any

MAX_FILE = 32 * 1024 * 1024
MAX_TOTAL = 128 * 1024 * 1024
"""Bytes of one file, and of all files, that a configure takes itself."""

LocalFile = str | os.PathLike[str] | bytes
"""A path, or the content itself."""


def check(files: Sequence[object], installs: Sequence[object], entrypoint: object) -> None:
    """:raises ValueError: there is nothing to configure, or two ways to install"""
    command, script = installs
    if command is not None and script is not None:
        raise ValueError("give one of install_command= (a program with its arguments) and install_script= (text for sh -c)")
    if not files and command is None and script is None and entrypoint is None:
        raise ValueError("give at least one of files=, install_command= or install_script=, and entrypoint=")


def too_large(sizes: Sequence[int]) -> frozenset[int]:
    """Which files, by index, a configure cannot take: those above the limit of one, then the largest until the rest fits."""
    left = {index: size for index, size in enumerate(sizes) if size <= MAX_FILE}
    while sum(left.values()) > MAX_TOTAL:
        del left[max(left, key=lambda index: left[index])]
    return frozenset(range(len(sizes))) - left.keys()


def configure_body(
    files: Sequence[tuple[str, bytes]],
    install_command: Sequence[str] | None,
    install_script: str | None,
    entrypoint: Sequence[str] | None,
) -> dict[str, Any]:
    """Files are always base64: the same content has the same hash, whoever sends it."""
    body: dict[str, Any] = {}
    if files:
        body["files"] = [{"path": path, "contentBase64": base64.b64encode(content).decode()} for path, content in files]
    if install_command is not None:
        body["installCommand"] = list(install_command)
    if install_script is not None:
        body["installScript"] = install_script
    if entrypoint is not None:
        body["entrypoint"] = list(entrypoint)
    return body
