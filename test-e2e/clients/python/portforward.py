"""Reaches ports of a sandbox by the port-forward of the official Python client, as its users do in pods.

    portforward.py PATH ECHO NOBODY BYTES

Sends BYTES random bytes to port ECHO, reads as many back, asks port NOBODY, and prints what became of it as one JSON line. Nothing
here knows of sandboxes.
"""

import hashlib
import json
import os
import sys
import threading

from kubernetes import client, config
from kubernetes.stream.ws_client import portforward_call

LIMIT = 60


def main(path: str, echo: int, nobody: int, size: int) -> None:
    config.load_kube_config()
    configuration = client.Configuration.get_default_copy()
    forward = portforward_call(configuration, "GET", configuration.host + path, query_params=[("ports", f"{echo},{nobody}")])
    content = os.urandom(size)
    socket = forward.socket(echo)
    socket.settimeout(LIMIT)
    writing = threading.Thread(target=socket.sendall, args=(content,))
    writing.start()
    received, count = hashlib.sha256(), 0
    while count < size:
        data = socket.recv(1 << 16)
        if not data:
            break
        received.update(data)
        count += len(data)
    writing.join()
    refused = forward.socket(nobody)
    refused.settimeout(LIMIT)
    at_nobody = len(refused.recv(1))
    print(json.dumps({
        "sent": hashlib.sha256(content).hexdigest(),
        "received": received.hexdigest(),
        "bytes": count,
        "error": forward.error(echo),
        "bytesFromNobody": at_nobody,
        "errorOfNobody": forward.error(nobody),
    }))


if __name__ == "__main__":
    main(sys.argv[1], *(int(number) for number in sys.argv[2:]))
