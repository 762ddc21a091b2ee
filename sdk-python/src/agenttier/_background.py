"""Work beside the one that reads events: a task here, a thread there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import anyio

from agenttier._errors import ConfigurationError

AsyncCondition = anyio.Condition
Condition = threading.Condition


class AsyncBackground:
    """Tasks of the running event loop."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError as e:
            raise ConfigurationError(
                "standard input is streamed by tasks of asyncio: use its event loop, or the synchronous client"
            ) from e
        self._tasks.append(loop.create_task(work()))

    async def aclose(self) -> None:
        """Ends all, and waits for that."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Background:
    """Threads. They cannot be ended from outside: each ends by itself when it next looks at what it works for."""

    def start(self, work: Callable[[], None]) -> None:
        threading.Thread(target=work, name="agenttier-stdin", daemon=True).start()

    def close(self) -> None:
        """Nothing to do."""
