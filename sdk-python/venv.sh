#!/usr/bin/env bash
# Makes build/venv with the exact versions of requirements-dev.txt, anew when they have changed; prints its python.
set -euo pipefail
cd "$(dirname "$0")"

readonly VENV=$(cd .. && pwd)/build/venv

if ! cmp -s requirements-dev.txt "$VENV/requirements-dev.txt"; then
    rm -rf "$VENV"
    python3 -m venv "$VENV"
    "$VENV/bin/pip" install --quiet --disable-pip-version-check --requirement requirements-dev.txt
    # the package itself is used from its folder
    echo "$PWD/src" >"$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/agenttier.pth"
    cp requirements-dev.txt "$VENV/requirements-dev.txt"
fi
echo "$VENV/bin/python"
