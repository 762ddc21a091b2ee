#!/usr/bin/env bash
# Keeps what tells why an end-to-end test failed: objects, events and logs, in the folder given.
#
#   diagnose.sh FOLDER FAILURES
set -uo pipefail
cd "$(dirname "$0")/../.."
[ "$2" -gt 0 ] || exit 0
mkdir -p "$1"
export KUBECONFIG=$PWD/build/cluster/kubeconfig
kubectl() { build/bin/kubectl --request-timeout=20s "$@"; }
kubectl get pods,sandboxes,pvc -A -o wide >"$1/objects.txt" 2>&1
kubectl get events -A --sort-by=.lastTimestamp >"$1/events.txt" 2>&1
for pod in $(kubectl -n agenttier get pods -o name); do
    kubectl -n agenttier logs "$pod" --tail=2000 >"$1/$(basename "$pod").log" 2>&1
    kubectl -n agenttier logs "$pod" --previous --tail=2000 >"$1/$(basename "$pod").previous.log" 2>/dev/null
done
cp build/cluster/log/*.log "$1/" 2>/dev/null
echo "what the cluster looked like: ${1#"$PWD"/}"
exit 0
