"""A folder out of a sandbox and in again by the SDK: python e2e/archive.py NAMESPACE SANDBOX FOLDER."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from agenttier import AgentTierClient


def main(namespace: str, name: str, folder: str) -> None:
    with tempfile.TemporaryDirectory() as temporary, AgentTierClient(namespace=namespace) as client:
        files = client.get_sandbox(name).files
        for format_ in ("zip", "tar.gz"):
            local = Path(temporary, f"a.{format_}")
            size = files.archive(folder, dest=local)
            assert size == local.stat().st_size
            extracted = files.extract(local, f"sdk-{format_}")
            print(f"sdk-{format_}: {extracted.files} files", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
