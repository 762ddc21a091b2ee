#!/usr/bin/env bash
# Renders the chart with its defaults into build/manifests/agenttier.yaml, for those who install without Helm.
set -euo pipefail
cd "$(dirname "$0")/../.."
test-e2e/local/chart.sh
helm=$(cd test-e2e/cluster && go run . components --group helm | tail -n 1)/helm
mkdir -p build/manifests
{
    echo "# Made from deploy/chart/agenttier by \"make manifests\". Do not edit."
    echo "apiVersion: v1"
    echo "kind: Namespace"
    echo "metadata: {name: agenttier}"
    "$helm" template agenttier build/chart/agenttier --namespace agenttier --no-hooks
} >build/manifests/agenttier.yaml
echo "build/manifests/agenttier.yaml"
