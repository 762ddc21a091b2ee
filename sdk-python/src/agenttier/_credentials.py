"""Who we are for kube-apiserver."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from agenttier._errors import ConfigurationError
from agenttier._small_file import read_small

_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class ClientCertificate:
    """Certificate chain and private key, PEM."""

    certificate: bytes
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class Credential:
    """What proves an identity to the server: header fields, a client certificate, both or none."""

    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    certificate: ClientCertificate | None = None


class CredentialSource(Protocol):
    """Where credentials come from. May block: on a file, or on a program."""

    def current(self) -> Credential:
        """Credentials that should be accepted now."""
        ...

    def refused(self, credential: Credential) -> bool:
        """The server answered 401 to this one; returns whether :meth:`current` may give another."""
        ...


@dataclass(frozen=True)
class FixedCredential:
    """Always the same."""

    credential: Credential

    def current(self) -> Credential:
        return self.credential

    def refused(self, credential: Credential) -> bool:
        return False


@dataclass(frozen=True)
class TokenFile:
    """A token in a file, read anew for each call, since the kubelet replaces it."""

    file: Path
    certificate: ClientCertificate | None = None

    def current(self) -> Credential:
        token = read_small(self.file, "the token file").decode("ascii", "replace").strip()
        return Credential((bearer(token),), self.certificate)

    def refused(self, credential: Credential) -> bool:
        return self.current() != credential


def bearer(token: str) -> tuple[str, str]:
    """The header field of a token."""
    if not _TOKEN.fullmatch(token):
        raise ConfigurationError("the token is empty or holds blanks or characters that no token has")
    return "Authorization", f"Bearer {token}"


def basic(username: str, password: str) -> tuple[str, str]:
    """The header field of a name and a password."""
    pair = base64.b64encode(f"{username}:{password}".encode()).decode()
    return "Authorization", f"Basic {pair}"
