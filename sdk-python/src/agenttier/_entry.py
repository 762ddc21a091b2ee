"""A cluster, user or context as it stands in a kubeconfig file."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agenttier._errors import ConfigurationError
from agenttier._small_file import read_small


@dataclass(frozen=True)
class Entry:
    """``what`` is for messages; relative paths in it begin at ``folder``."""

    what: str
    folder: Path
    fields: dict[str, Any]

    def text(self, key: str) -> str:
        """A text, empty if absent."""
        value = self.fields.get(key)
        if value is None:
            return ""
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            return str(value)
        raise ConfigurationError(f"{self.what}: {key} must be a text")

    def flag(self, key: str) -> bool:
        value = self.fields.get(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        raise ConfigurationError(f"{self.what}: {key} must be true or false")

    def texts(self, key: str) -> list[str]:
        value = self.fields.get(key)
        if value is None:
            return []
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return value
        raise ConfigurationError(f"{self.what}: {key} must be a list of texts")

    def entries(self, key: str) -> list[Entry]:
        value = self.fields.get(key)
        if value is None:
            return []
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return [Entry(self.what, self.folder, item) for item in value]
        raise ConfigurationError(f"{self.what}: {key} must be a list of objects")

    def entry(self, key: str) -> Entry | None:
        value = self.fields.get(key)
        if value is None:
            return None
        if isinstance(value, dict):
            return Entry(self.what, self.folder, value)
        raise ConfigurationError(f"{self.what}: {key} must be an object")

    def path(self, key: str) -> Path | None:
        text = self.text(key)
        return self.folder / text if text else None

    def data_or_file(self, key: str) -> bytes:
        """Bytes of ``<key>-data`` (base64), else of the file that ``<key>`` names; empty if neither is there."""
        data = self.text(f"{key}-data")
        if data:
            try:
                return base64.b64decode("".join(data.split()), validate=True)
            except (binascii.Error, ValueError) as e:
                raise ConfigurationError(f"{self.what}: {key}-data is no base64") from e
        file = self.path(key)
        return read_small(file, f"{self.what}: {key}") if file else b""
