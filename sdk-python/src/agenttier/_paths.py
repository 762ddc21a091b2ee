"""Paths of the API. Names are checked here, since a name with a slash would be another path."""

from __future__ import annotations

import re

OBJECTS = "/apis/agenttier.io/v1alpha1"
SUBRESOURCES = "/apis/agenttier.io/subresources-v1alpha1"

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def checked_label(what: str, name: str) -> str:
    """``name`` if it is a DNS label, which names of sandboxes and namespaces are."""
    if not _LABEL.fullmatch(name):
        raise ValueError(
            f"{what} {name!r} is invalid: expected 1 to 63 of a-z 0-9 -, beginning and ending with a letter or digit"
        )
    return name


def checked_subdomain(what: str, name: str) -> str:
    """``name`` if it is a DNS subdomain, which names of templates are."""
    if not _SUBDOMAIN.fullmatch(name):
        raise ValueError(f"{what} {name!r} is invalid: expected DNS labels joined by dots, at most 253 characters")
    return name


def sandboxes(namespace: str) -> str:
    return f"{OBJECTS}/namespaces/{checked_label('namespace', namespace)}/sandboxes"


def sandbox(namespace: str, name: str) -> str:
    return f"{sandboxes(namespace)}/{checked_label('sandbox', name)}"


def subresource(namespace: str, name: str, subresource: str) -> str:
    checked_label("namespace", namespace)
    checked_label("sandbox", name)
    return f"{SUBRESOURCES}/namespaces/{namespace}/sandboxes/{name}/{subresource}"


def templates(namespace: str) -> str:
    return f"{OBJECTS}/namespaces/{checked_label('namespace', namespace)}/sandboxtemplates"


def cluster_templates() -> str:
    return f"{OBJECTS}/clustersandboxtemplates"
