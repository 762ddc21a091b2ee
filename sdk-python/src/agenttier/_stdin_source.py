"""What may be given as standard input, and its pieces."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import Protocol

import anyio.to_thread

from agenttier._pending_input import PIECE


class Readable(Protocol):
    """Such as an open file: ``read`` gives at most as many bytes, and nothing at the end."""

    def read(self, size: int, /) -> bytes | str: ...


StdinSource = bytes | str | Readable | Iterable[bytes]
AsyncStdinSource = StdinSource | AsyncIterable[bytes]


def whole(source: object) -> bytes | None:
    """The bytes of a source that is in memory, None of one that is read as it comes."""
    if isinstance(source, str):
        return source.encode()
    return bytes(source) if isinstance(source, bytes | bytearray | memoryview) else None


def pieces(source: StdinSource) -> Iterator[bytes]:
    """:raises TypeError: it gives something else than bytes and text"""
    if hasattr(source, "read"):
        while data := _bytes(source.read(PIECE)):
            yield data
        return
    if not hasattr(source, "__iter__"):
        raise TypeError(
            f"stdin is {type(source).__name__}: expected bytes, text, something to read from, or an iterable of bytes"
        )
    for item in source:
        yield _bytes(item)


async def async_pieces(source: AsyncStdinSource) -> AsyncIterator[bytes]:
    """As :func:`pieces`; what blocks does so in a thread, which is left alone if nobody wants its bytes any more."""
    if isinstance(source, AsyncIterable):
        async for item in source:
            yield _bytes(item)
        return
    items = pieces(source)

    def following() -> bytes | None:
        return next(items, None)

    while True:
        piece = await anyio.to_thread.run_sync(following, abandon_on_cancel=True)
        if piece is None:
            return
        yield piece


def _bytes(item: object) -> bytes:
    content = whole(item)
    if content is None:
        raise TypeError(f"stdin gave {type(item).__name__}: expected bytes")
    return content
