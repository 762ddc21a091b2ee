"""The address of kube-apiserver, checked. Pure."""

from __future__ import annotations

import ipaddress
from urllib.parse import quote, urlencode, urlsplit

from agenttier._errors import ConfigurationError


def checked_server(server: str) -> str:
    """``server`` without a slash at its end.

    :raises ConfigurationError: it is no address of a server, or would send credentials unencrypted over a network
    """
    parts = urlsplit(server)
    shown = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
        raise ConfigurationError(f"server {shown!r} is no address: expected https://HOST[:PORT]")
    if "@" in parts.netloc:
        raise ConfigurationError(f"server {shown!r} holds a user: pass auth= instead")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ConfigurationError(f"server {shown!r} would get credentials unencrypted: expected https://")
    return server.rstrip("/")


def with_query(path: str, parameters: dict[str, str]) -> str:
    """Percent-encoded, blanks included."""
    return f"{path}?{urlencode(parameters, quote_via=quote, safe='')}" if parameters else path


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
