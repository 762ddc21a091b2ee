"""What differs between the two surfaces when something has to be waited for; the generated half takes the sync names."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

T = TypeVar("T")


async def async_sleep(seconds: float) -> None:
    await anyio.sleep(seconds)


def sleep(seconds: float) -> None:
    time.sleep(seconds)


async def in_thread(call: Callable[[], T]) -> T:
    """Runs what blocks (files, credential programs) without holding up the event loop."""
    return await anyio.to_thread.run_sync(call)


def in_place(call: Callable[[], T]) -> T:
    return call()


def shielded(seconds: float) -> contextlib.AbstractContextManager[object]:
    """A last call that a cancelled task may still make."""
    return anyio.move_on_after(seconds, shield=True)


def unshielded(seconds: float) -> contextlib.AbstractContextManager[object]:
    """A thread is not cancelled; the call's own limits hold."""
    return contextlib.nullcontext()
