"""Commands and files over connections that break at random: python e2e/cuts.py NAMESPACE TEMPLATE [--commands N] [--seed N]."""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from pathlib import Path

from agenttier import AgentTierClient, RetryConfig, Sandbox
from breaking_proxy import BreakingProxy, through_proxy

BLOB = 16 * 1024 * 1024


def command(box: Sandbox, blob: bytes, chance: random.Random) -> int:
    """One command with random parts of the blob on both streams and a random exit code; returns how many bytes it wrote."""
    sizes = [int(2 ** chance.uniform(0, 23)), int(2 ** chance.uniform(0, 20))]
    begins = [chance.randrange(BLOB - size) for size in sizes]
    out, err = (f"tail -c +{begin + 1} blob | head -c {size}" for begin, size in zip(begins, sizes, strict=True))
    code = chance.randrange(256)
    result = box.exec(f"{out}; {err} >&2; exit {code}", timeout=120)
    expected = [blob[begin : begin + size] for begin, size in zip(begins, sizes, strict=True)]
    assert (result.exit_code, result.reason) == (code, "completed"), result.failure()
    assert result.dropped_bytes == 0
    for name, got, wanted in zip(("stdout", "stderr"), (result.stdout_bytes, result.stderr_bytes), expected, strict=True):
        assert got == wanted, f"{name} of {result.process}: {len(got)} bytes, expected {len(wanted)}"
    return sum(sizes)


def files(box: Sandbox, folder: Path) -> None:
    content = os.urandom(3 * BLOB // 2)
    (folder / "up").write_bytes(content)
    box.files.upload(folder / "up", "copy")
    assert box.files.download("copy", folder / "down").read_bytes() == content


def run(box: Sandbox, proxy: BreakingProxy, folder: Path, commands: int, chance: random.Random) -> None:
    blob = os.urandom(BLOB)
    box.files.write("blob", blob)
    begun, total = time.monotonic(), 0
    for _ in range(commands):
        # an event is read whole or not at all: far less than one a connection would never come to an end
        proxy.most = int(2 ** chance.uniform(20, 23))
        total += command(box, blob, chance)
    seconds = time.monotonic() - begun
    print(f"{commands} commands, {total} bytes, {proxy.broken} broken connections, 0 bytes lost or doubled, {seconds:.1f} s")
    before = proxy.broken
    proxy.most = 8 * 1024 * 1024
    files(box, folder)
    print(f"{3 * BLOB // 2} bytes up and down unchanged, {proxy.broken - before} broken connections")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("namespace")
    arguments.add_argument("template")
    arguments.add_argument("--commands", type=int, default=40)
    arguments.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    given = arguments.parse_args()
    print(f"seed {given.seed}", flush=True)
    chance = random.Random(given.seed)
    retry = RetryConfig(max_retries=20)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        proxy, kubeconfig = through_proxy(Path(os.environ["KUBECONFIG"]), folder, chance)
        with AgentTierClient(kubeconfig=kubeconfig, namespace=given.namespace, retry=retry) as client:
            box = client.create_sandbox(template=given.template)
            try:
                box.wait_until_running()
                run(box, proxy, folder, given.commands, chance)
            finally:
                proxy.most = 0
                box.terminate()
        proxy.close()
    print("done")


if __name__ == "__main__":
    main()
