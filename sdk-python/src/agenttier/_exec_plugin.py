"""Credentials made by a program that a kubeconfig names (``client.authentication.k8s.io``)."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from agenttier._credentials import ClientCertificate, Credential, bearer
from agenttier._entry import Entry
from agenttier._errors import ConfigurationError

_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
_MAX_OUTPUT = 1024 * 1024
_ALONE = 60.0
_WITH_PERSON = 300.0
_EARLY = timedelta(seconds=10)


@dataclass(frozen=True)
class ExecPlugin:
    """A program with all that it gets; ``what`` and ``hint`` are for messages."""

    what: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(repr=False)
    api_version: str
    hint: str
    may_ask: bool

    @classmethod
    def of(cls, exec_entry: Entry, cluster: Entry, environment: Mapping[str, str]) -> ExecPlugin:
        what = f"exec credential plugin of {exec_entry.what}"
        version = exec_entry.text("apiVersion")
        if version not in _VERSIONS:
            raise ConfigurationError(f"{what}: apiVersion {version!r} is not supported: expected {_VERSIONS[0]}")
        is_interactive = sys.stdin is not None and sys.stdin.isatty()
        mode = exec_entry.text("interactiveMode") or "IfAvailable"
        if mode == "Always" and not is_interactive:
            raise ConfigurationError(f"{what} wants to ask you something, but standard input is no terminal")
        may_ask = is_interactive and mode != "Never"
        program = exec_entry.text("command")
        if not program:
            raise ConfigurationError(f"{what}: command is missing")
        if "/" in program or os.sep in program:
            program = str(exec_entry.folder / program)
        variables = dict(environment)
        for variable in exec_entry.entries("env"):
            variables[variable.text("name")] = variable.text("value")
        variables.pop("", None)
        variables["KUBERNETES_EXEC_INFO"] = _info(exec_entry, cluster, version, may_ask)
        command = (program, *exec_entry.texts("args"))
        return cls(what, command, variables, version, exec_entry.text("installHint"), may_ask)

    def run(self) -> dict[str, Any]:
        """Runs it once; returns ``status`` of the ExecCredential that it printed. Bounded in time and size."""
        try:
            process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdin=None if self.may_ask else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
            )
        except OSError as e:
            hint = f"\n{self.hint}" if self.hint else ""
            raise ConfigurationError(f"{self.what}: {self.command[0]!r} cannot be started: is it installed?{hint}") from e
        timer = threading.Timer(_WITH_PERSON if self.may_ask else _ALONE, process.kill)
        timer.start()
        try:
            output = process.stdout.read(_MAX_OUTPUT + 1) if process.stdout else b""
            if len(output) > _MAX_OUTPUT:
                raise ConfigurationError(f"{self.what} printed more than {_MAX_OUTPUT} bytes")
            code = process.wait()
        finally:
            timer.cancel()
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
        if code != 0:
            raise ConfigurationError(f"{self.what} failed with exit code {code}, or gave no answer in time")
        return self._status(output)

    def _status(self, output: bytes) -> dict[str, Any]:
        try:
            answer = json.loads(output)
        except (ValueError, RecursionError):
            raise ConfigurationError(f"{self.what} printed no JSON") from None
        if not isinstance(answer, dict) or not isinstance(answer.get("status"), dict):
            raise ConfigurationError(f"{self.what} printed no ExecCredential with a status")
        kind, version = answer.get("kind"), answer.get("apiVersion")
        if kind != "ExecCredential" or version != self.api_version:
            raise ConfigurationError(f"{self.what} returned {kind} of {version}: expected ExecCredential of {self.api_version}")
        status: dict[str, Any] = answer["status"]
        return status


class ExecCredential:
    """Keeps what the program made until it expires or the server refuses it."""

    def __init__(self, plugin: ExecPlugin, configured: ClientCertificate | None) -> None:
        self._plugin = plugin
        self._configured = configured
        self._lock = threading.Lock()
        self._present: Credential | None = None
        self._expiry: datetime | None = None

    def current(self) -> Credential:
        with self._lock:
            has_expired = self._expiry is not None and datetime.now(timezone.utc) >= self._expiry - _EARLY
            if self._present is None or has_expired:
                status = self._plugin.run()
                self._expiry = _expiry(self._plugin.what, status)
                self._present = self._credential(status)
            return self._present

    def refused(self, credential: Credential) -> bool:
        with self._lock:
            if self._present == credential:
                self._present = None
            return True

    def _credential(self, status: dict[str, Any]) -> Credential:
        what = self._plugin.what
        token = status.get("token") or ""
        certificate = status.get("clientCertificateData") or ""
        key = status.get("clientKeyData") or ""
        if not all(isinstance(value, str) for value in (token, certificate, key)):
            raise ConfigurationError(f"{what} returned a credential that is no text")
        if not token and not certificate:
            raise ConfigurationError(f"{what} returned neither a token nor a certificate")
        if bool(certificate) != bool(key):
            raise ConfigurationError(f"{what} returned only one of clientCertificateData and clientKeyData")
        own = ClientCertificate(certificate.encode(), key.encode()) if certificate else self._configured
        return Credential((bearer(token),) if token else (), own)


def _expiry(what: str, status: dict[str, Any]) -> datetime | None:
    text = status.get("expirationTimestamp")
    if not text:
        return None
    try:
        expiry = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        expiry = None
    if expiry is None or expiry.tzinfo is None:
        raise ConfigurationError(f"{what} returned expirationTimestamp {text!r}: expected RFC 3339")
    return expiry


def _info(exec_entry: Entry, cluster: Entry, version: str, may_ask: bool) -> str:
    spec: dict[str, Any] = {"interactive": may_ask}
    if exec_entry.flag("provideClusterInfo"):
        about: dict[str, Any] = {"server": cluster.text("server")}
        for key in ("tls-server-name", "proxy-url"):
            if cluster.text(key):
                about[key] = cluster.text(key)
        if cluster.flag("insecure-skip-tls-verify"):
            about["insecure-skip-tls-verify"] = True
        authority = cluster.data_or_file("certificate-authority")
        if authority:
            about["certificate-authority-data"] = base64.b64encode(authority).decode()
        spec["cluster"] = about
    return json.dumps({"apiVersion": version, "kind": "ExecCredential", "spec": spec})
