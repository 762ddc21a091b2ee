#!/usr/bin/env bash
# Lint, format, types and unit tests of the Python SDK; no network and no cluster. REPORT names a JUnit report to write.
set -euo pipefail
cd "$(dirname "$0")"

python=$(./venv.sh)
readonly python
"$python" -m ruff check .
"$python" -m ruff format --check --quiet . || { echo "ruff format would change files: run build/venv/bin/ruff format sdk-python" >&2; exit 1; }
"$python" -m mypy
"$python" -m pytest ${REPORT:+--junitxml="$REPORT"}
