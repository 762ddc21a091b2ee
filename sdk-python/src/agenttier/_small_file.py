"""Files of a configuration: small, and read whole."""

from __future__ import annotations

from pathlib import Path

from agenttier._errors import ConfigurationError

MAX_BYTES = 4 * 1024 * 1024


def read_small(file: Path, what: str) -> bytes:
    """All bytes of it.

    :raises ConfigurationError: it cannot be read, or has more than 4 MiB; the message names ``what`` and the path
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as e:
        raise ConfigurationError(f"{what} {str(file)!r} cannot be read: {e.strerror or e}") from e
    if len(content) > MAX_BYTES:
        raise ConfigurationError(f"{what} {str(file)!r} has more than {MAX_BYTES} bytes")
    return content
