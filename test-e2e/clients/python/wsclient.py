"""Runs a command in a sandbox by WSClient of the official Python client, as its users do in pods.

    wsclient.py PATH BYTES COMMAND [ARGUMENT...]

Sends BYTES random bytes to stdin, ends stdin, and prints what became of it as one JSON line. Nothing here knows of sandboxes.
"""

import hashlib
import json
import os
import sys
from urllib.parse import urlencode

from kubernetes import client, config
from kubernetes.stream.ws_client import (
    STDERR_CHANNEL,
    STDIN_CHANNEL,
    STDOUT_CHANNEL,
    V5_CHANNEL_PROTOCOL,
    WSClient,
)

PIECE = 1 << 16


def main(path: str, size: int, command: list[str]) -> None:
    config.load_kube_config()
    configuration = client.Configuration.get_default_copy()
    query = [("command", word) for word in command]
    query += [("stdin", size > 0), ("stdout", True), ("stderr", True)]
    headers = {"sec-websocket-protocol": V5_CHANNEL_PROTOCOL}
    url = configuration.host.replace("http", "ws", 1) + path + "?" + urlencode(query)
    ws = WSClient(configuration, url, headers, capture_all=False, binary=True)
    sent, out, err = hashlib.sha256(), hashlib.sha256(), b""
    received = 0

    def take(timeout: float) -> None:
        nonlocal received, err
        ws.update(timeout=timeout)
        data = ws._channels.pop(STDOUT_CHANNEL, b"")
        received += len(data)
        out.update(data)
        err += ws._channels.pop(STDERR_CHANNEL, b"")

    for begin in range(0, size, PIECE):
        piece = os.urandom(min(PIECE, size - begin))
        sent.update(piece)
        ws.write_stdin(piece)
        take(0)
    if size > 0:
        ws.close_channel(STDIN_CHANNEL)
    while ws.is_open():
        take(1)
    print(json.dumps({
        "protocol": ws.subprotocol,
        "sent": sent.hexdigest(),
        "stdout": out.hexdigest(),
        "bytes": received,
        "stderr": err.decode(),
        "returncode": ws.returncode,
    }))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
