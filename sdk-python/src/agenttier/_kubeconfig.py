"""Kubeconfig files, found and merged as kubectl does it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from agenttier._entry import Entry
from agenttier._errors import ConfigurationError
from agenttier._small_file import read_small


@dataclass(frozen=True)
class Kubeconfig:
    """Several files merged: of each name the first file's entry counts whole, the first ``current-context`` wins."""

    current_context: str
    contexts: dict[str, Entry]
    clusters: dict[str, Entry]
    users: dict[str, Entry]

    @property
    def is_empty(self) -> bool:
        return not (self.contexts or self.clusters or self.users or self.current_context)

    def context(self, name: str) -> Entry:
        """The context of this name, the current one if empty."""
        wanted = name or self.current_context
        if not wanted:
            raise ConfigurationError("the kubeconfig names no current-context: pass context=")
        if wanted not in self.contexts:
            there = ", ".join(self.contexts) or "none"
            raise ConfigurationError(f"context {wanted!r} does not exist; there is {there}")
        return self.contexts[wanted]

    def cluster_of(self, context: Entry) -> Entry:
        return _referred(context, "cluster", self.clusters)

    def user_of(self, context: Entry) -> Entry:
        if not context.text("user"):
            return Entry("no user", Path(), {})
        return _referred(context, "user", self.users)


def load_kubeconfig(named: str | os.PathLike[str] | None, environment: Mapping[str, str]) -> Kubeconfig:
    """``named`` (which must exist), else the list of ``KUBECONFIG``, else ``~/.kube/config``."""
    if named is not None:
        return merge([_source(Path(named))])
    return merge(_source(file) for file in _usual(environment) if file.exists())


def merge(sources: Iterable[Entry]) -> Kubeconfig:
    """Entries are whole files."""
    merged = Kubeconfig("", {}, {}, {})
    current = ""
    for source in sources:
        current = current or source.text("current-context")
        for kind, into in (("context", merged.contexts), ("cluster", merged.clusters), ("user", merged.users)):
            for item in source.entries(f"{kind}s"):
                name = item.text("name")
                if not name:
                    raise ConfigurationError(f"{source.what}: a {kind} has no name")
                body = item.entry(kind)
                what = f"{kind} {name!r} in {source.what}"
                into.setdefault(name, Entry(what, source.folder, body.fields if body else {}))
    return Kubeconfig(current, merged.contexts, merged.clusters, merged.users)


def _usual(environment: Mapping[str, str]) -> list[Path]:
    listed = environment.get("KUBECONFIG", "")
    if listed:
        return [Path(name) for name in listed.split(os.pathsep) if name]
    home = environment.get("HOME") or environment.get("USERPROFILE")
    return [Path(home, ".kube", "config")] if home else []


def _source(file: Path) -> Entry:
    content = read_small(file, "kubeconfig")
    try:
        document = yaml.safe_load(content)
    except (yaml.YAMLError, ValueError, RecursionError):
        # the parser's message quotes the text, which may be a secret
        raise ConfigurationError(f"kubeconfig {str(file)!r} is no YAML") from None
    if document is None:
        document = {}
    if not isinstance(document, dict):
        raise ConfigurationError(f"kubeconfig {str(file)!r} holds no object")
    return Entry(str(file), file.absolute().parent, document)


def _referred(context: Entry, kind: str, entries: dict[str, Entry]) -> Entry:
    name = context.text(kind)
    if not name:
        raise ConfigurationError(f"{context.what} names no {kind}")
    if name not in entries:
        raise ConfigurationError(f"{kind} {name!r} does not exist, although {context.what} names it")
    return entries[name]
