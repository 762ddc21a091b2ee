#!/usr/bin/env bash
# Format, lint, types and unit tests of the Python SDK; no network and no cluster. REPORT names a JUnit report to write.
set -euo pipefail
cd "$(dirname "$0")"

readonly VENV=${VENV:-$(cd .. && pwd)/build/venv}

# anew when the pins have changed; the package itself is used from its folder
if ! cmp -s requirements-dev.txt "$VENV/requirements-dev.txt"; then
    rm -rf "$VENV"
    python3 -m venv "$VENV"
    "$VENV/bin/pip" install --quiet --disable-pip-version-check --requirement requirements-dev.txt
    echo "$PWD/src" >"$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/agenttier.pth"
    cp requirements-dev.txt "$VENV/requirements-dev.txt"
fi

"$VENV/bin/ruff" check .
"$VENV/bin/ruff" format --check --quiet . || { echo "ruff format would change files: run ruff format sdk-python" >&2; exit 1; }
"$VENV/bin/mypy"
"$VENV/bin/python" tools/async_to_sync.py --check
"$VENV/bin/pytest" ${REPORT:+--junitxml="$REPORT"}
