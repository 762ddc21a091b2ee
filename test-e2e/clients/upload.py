"""Uploads standard input by the SDK: python upload.py NAMESPACE SANDBOX file PATH, or … archive FORMAT"""

from __future__ import annotations

import sys

from agenttier import AgentTierClient


def main(namespace: str, sandbox: str, what: str, how: str) -> None:
    with AgentTierClient(namespace=namespace) as client:
        files = client.get_sandbox(sandbox).files
        if what == "file":
            files.upload(sys.stdin.buffer, how)
        else:
            files.extract(sys.stdin.buffer, format=how)


if __name__ == "__main__":
    main(*sys.argv[1:])
