#!/usr/bin/env bash
# Installs or upgrades AgentTier in the cluster that is up: loads changed images, runs Helm, restarts what runs an older
# image, and waits until kube-apiserver calls the aggregated API available and lets sandboxes be created.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly LOCAL=test-e2e/local
[ -s build/cluster/kubeconfig ] || { echo "no cluster is up: run \"make cluster\" first" >&2; exit 1; }
export KUBECONFIG=$PWD/build/cluster/kubeconfig
kubectl() { build/bin/kubectl "$@"; }

$LOCAL/chart.sh
kind=$($LOCAL/cluster.sh kind)
images=(apiserver controller sandboxd sandbox-minimal)
[ ! -s build/images/sandbox-general.tar ] || images+=(sandbox-general)
values=()
if [ "$kind" = current ]; then
    [ -z "${REGISTRY:-}" ] || values+=(--set "global.registry=$REGISTRY")
    [ -z "${TAG:-}" ] || values+=(--set "global.tag=$TAG")
else
    $LOCAL/cluster.sh load "${images[@]}"
    values+=(--set global.registry=localhost/agenttier --set global.tag=dev)
    [ "$kind" != local ] || values+=(-f $LOCAL/values-local.yaml)
fi

build=$(cat build/images/apiserver.key build/images/controller.key 2>/dev/null | sha256sum | cut -c1-16)
before=$(kubectl get namespace agenttier --ignore-not-found -o 'jsonpath={.metadata.annotations.agenttier\.io/build}' 2>/dev/null || true)

echo "installing AgentTier into namespace agenttier"
# Helm makes the CRDs of a chart once and never changes them
kubectl apply --server-side --force-conflicts -f crds/src/main/resources/crds >/dev/null
kubectl wait --for=condition=Established --timeout=30s -f crds/src/main/resources/crds >/dev/null
build/bin/helm upgrade --install agenttier build/chart/agenttier --namespace agenttier --create-namespace "${values[@]}" >build/helm.log 2>&1 ||
    { cat build/helm.log >&2; exit 1; }
if [ -n "$before" ] && [ "$before" != "$build" ]; then
    kubectl -n agenttier rollout restart deployment/agenttier-controller deployment/agenttier-apiserver >/dev/null
fi
kubectl annotate namespace agenttier "agenttier.io/build=$build" --overwrite >/dev/null
for deployment in agenttier-controller agenttier-apiserver; do
    kubectl -n agenttier rollout status deployment/$deployment --timeout=180s || {
        kubectl -n agenttier get pods >&2
        kubectl -n agenttier logs deployment/$deployment --tail=30 >&2 || true
        exit 1
    }
done
kubectl wait --for=condition=Available apiservice/subresources-v1alpha1.agenttier.io --timeout=60s >/dev/null
# the webhook answers once kube-apiserver trusts its certificate; a dry run asks it and stores nothing
for attempt in $(seq 60); do
    [ "$attempt" -eq 1 ] || sleep 0.5
    refusal=$(kubectl create --dry-run=server -f - 2>&1 >/dev/null <<'EOF'
apiVersion: agenttier.io/v1alpha1
kind: Sandbox
metadata: {name: asks-the-webhook, namespace: default}
spec: {image: {repository: "none:1"}}
EOF
    ) && refusal="" && break
done
[ -z "$refusal" ] || { echo "no sandbox can be created: $refusal" >&2; exit 1; }
echo "AgentTier is installed; kube-apiserver serves subresources-v1alpha1.agenttier.io"
