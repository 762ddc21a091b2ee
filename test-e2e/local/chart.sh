#!/usr/bin/env bash
# Puts the chart together in build/chart: the chart's own files and the CRDs, whose one source is crds/.
set -euo pipefail
cd "$(dirname "$0")/../.."
rm -rf build/chart
mkdir -p build/chart
cp -r deploy/chart/agenttier build/chart/agenttier
mkdir -p build/chart/agenttier/crds
cp crds/src/main/resources/crds/*.yaml build/chart/agenttier/crds/
