"""A proxy before kube-apiserver that breaks connections after a random number of bytes from the server."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

_BLOCK = 16 * 1024


class BreakingProxy:
    """Listens on 127.0.0.1. While ``most`` is above 0 a connection lives for 1 to ``most`` bytes."""

    def __init__(self, host: str, port: int, chance: random.Random) -> None:
        self._upstream = (host, port)
        self._chance = chance
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.most = 0
        self.broken = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """No more connections; those that are open go on."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        left = self._chance.randint(1, self.most) if self.most else -1
        with near, socket.create_connection(self._upstream) as far:
            up = threading.Thread(target=_forward, args=(near, far, -1), daemon=True)
            up.start()
            if _forward(far, near, left):
                self.broken += 1
                # a reset, as of a server that was killed
                near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            up.join()


def _forward(source: socket.socket, target: socket.socket, left: int) -> bool:
    """Until the source ends or ``left`` bytes have passed, which it returns; below 0 is no limit."""
    is_limited = left >= 0
    with contextlib.suppress(OSError):
        while (not is_limited or left > 0) and (data := source.recv(min(_BLOCK, left) if is_limited else _BLOCK)):
            target.sendall(data)
            left -= len(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
    return is_limited and left == 0


def through_proxy(kubeconfig: Path, folder: Path, chance: random.Random) -> tuple[BreakingProxy, Path]:
    """A proxy before the server of a kubeconfig of one cluster, and a kubeconfig that goes through it."""
    document: dict[str, Any] = yaml.safe_load(kubeconfig.read_text())
    cluster = document["clusters"][0]["cluster"]
    server = urlsplit(cluster["server"])
    host = server.hostname or ""
    proxy = BreakingProxy(host, server.port or 443, chance)
    cluster["server"] = f"https://127.0.0.1:{proxy.port}"
    cluster.setdefault("tls-server-name", host)
    file = folder / "kubeconfig"
    file.touch(mode=0o600)
    file.write_text(yaml.safe_dump(document))
    return proxy, file
