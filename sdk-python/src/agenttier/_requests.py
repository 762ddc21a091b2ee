"""Bodies that are sent. Pure."""

from __future__ import annotations

import base64
import math
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from agenttier._paths import checked_label, checked_subdomain

MAX_STDIN = 12 * 1024 * 1024 - 64 * 1024
"""Bytes of standard input: with base64 and the rest they fit into the 16 MiB of an exec's body."""


def own_name() -> str:
    """A name for a process, so that its output is found again whatever happens to the answer of its start."""
    return f"sdk-{secrets.token_hex(8)}"


def exec_body(
    command: str | Sequence[str],
    *,
    process: str,
    timeout: float | None = None,
    stdin: bytes | str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
    detach: bool = False,
    open_stdin: bool = False,
    tty: bool = False,
) -> dict[str, Any]:
    """Body of POST ``exec``. A list is a program with its arguments, a string a script for ``sh -c``."""
    body: dict[str, Any] = {"process": process}
    if isinstance(command, str):
        body["script"] = command
    else:
        body["command"] = list(command)
    body["timeoutSeconds"] = 0 if timeout is None else _whole_seconds(timeout)
    if stdin is not None:
        body["stdinBase64"] = _stdin(stdin)
    if env:
        body["env"] = dict(env)
    if cwd is not None:
        body["workingDir"] = cwd
    if detach:
        body["detach"] = True
    if open_stdin:
        body["openStdin"] = True
    if tty:
        body["tty"] = True
    return body


def _whole_seconds(timeout: float) -> int:
    if not timeout > 0:
        raise ValueError(f"timeout is {timeout}: expected seconds above 0, or None for no limit")
    return math.ceil(timeout)


def _stdin(stdin: bytes | str) -> str:
    content = stdin.encode() if isinstance(stdin, str) else stdin
    if len(content) > MAX_STDIN:
        raise ValueError(
            f"stdin has {len(content)} bytes, at most {MAX_STDIN} are allowed: "
            "give them by exec or exec_stream, which send any size, or by attach"
        )
    return base64.b64encode(content).decode()


def sandbox_object(
    *,
    namespace: str,
    name: str | None,
    template: str | None,
    template_kind: str,
    image: str | None,
    mode: str | None,
    timeout: str | None,
    idle_timeout: str | None,
    storage_size: str | None,
    ephemeral: bool | None,
    env: Mapping[str, str] | None,
    resources: Mapping[str, Mapping[str, str]] | None,
    labels: Mapping[str, str] | None,
    annotations: Mapping[str, str] | None,
) -> dict[str, Any]:
    """A Sandbox. Without ``name`` the server chooses one. Durations are Go's, such as ``1h30m``."""
    if template is None and image is None:
        raise ValueError("give template= or image=: a sandbox needs to know what to run")
    metadata: dict[str, Any] = {"namespace": checked_label("namespace", namespace)}
    if name is None:
        metadata["generateName"] = "sandbox-"
    else:
        metadata["name"] = checked_label("sandbox", name)
    if labels:
        metadata["labels"] = dict(labels)
    if annotations:
        metadata["annotations"] = dict(annotations)
    spec: dict[str, Any] = {}
    if template is not None:
        spec["templateRef"] = {"kind": template_kind, "name": checked_subdomain("template", template)}
    if image is not None:
        spec["image"] = {"repository": image}
    if mode is not None:
        spec["mode"] = mode
    if timeout is not None:
        spec["timeout"] = timeout
    if idle_timeout is not None:
        spec["idleTimeout"] = idle_timeout
    storage = {"size": storage_size, "ephemeral": ephemeral}
    if any(value is not None for value in storage.values()):
        spec["storage"] = {key: value for key, value in storage.items() if value is not None}
    if env:
        spec["env"] = [{"name": key, "value": value} for key, value in env.items()]
    if resources:
        spec["resources"] = {key: dict(value) for key, value in resources.items()}
    return {"apiVersion": "agenttier.io/v1alpha1", "kind": "Sandbox", "metadata": metadata, "spec": spec}
