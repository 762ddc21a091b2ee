#!/usr/bin/env bash
# Renders the chart with its defaults for those who install without Helm: build/manifests/crds.yaml, to be applied first,
# and build/manifests/agenttier.yaml.
set -euo pipefail
cd "$(dirname "$0")/../.."
test-e2e/local/chart.sh
helm=$(cd test-e2e/cluster && go run . components --group helm | tail -n 1)/helm
mkdir -p build/manifests
cat crds/src/main/resources/crds/*.yaml >build/manifests/crds.yaml
{
    echo '# Made from deploy/chart/agenttier by "make manifests". Apply crds.yaml first.'
    echo 'apiVersion: v1'
    echo 'kind: Namespace'
    echo 'metadata: {name: agenttier}'
    "$helm" template agenttier build/chart/agenttier --namespace agenttier --kube-version 1.36.3 --no-hooks
} >build/manifests/agenttier.yaml
echo "kubectl apply --server-side -f build/manifests/crds.yaml"
echo "kubectl apply --server-side -f build/manifests/agenttier.yaml"
