#!/usr/bin/env bash
# Brings up, fills and removes the cluster that demo and tests use, whichever kind it is (CLUSTER=auto|local|kind|current).
# What was chosen stands in build/cluster.kind, so that later steps need not choose again.
#
#   cluster.sh up | down | load NAME... | restart COMPONENT | tools | kind
set -euo pipefail
cd "$(dirname "$0")/../.."

# CLUSTER_NAME keeps clusters of several checkouts on one machine apart; NODES is 1 or 2, and a local cluster that is up can grow
readonly DIR=build/cluster NAME=${CLUSTER_NAME:-agenttier} NODES=${NODES:-1}
readonly KUBECONFIG_FILE=$PWD/$DIR/kubeconfig

tool() {
    mkdir -p build/bin
    (cd test-e2e/cluster && go build -o ../../build/bin/cluster .)
    build/bin/cluster "$@"
}

chosen() {
    case ${CLUSTER:-auto} in
        auto) if [ -s build/cluster.kind ]; then cat build/cluster.kind; elif docker info >/dev/null 2>&1; then echo kind; else echo local; fi ;;
        local | kind | current) echo "$CLUSTER" ;;
        *) echo "CLUSTER=$CLUSTER is unknown, expected auto, local, kind or current" >&2; return 2 ;;
    esac
}

# link_tools GROUP/PROGRAM...: tools that are built with the cluster, under build/bin
link_tools() {
    local tool
    for tool in "$@"; do
        ln -sf "$(tool components --group "${tool%/*}" | tail -n 1)/${tool#*/}" build/bin/
    done
}

# tools: what any kind of cluster is used with
tools() { link_tools kubernetes/kubectl helm/helm; }

up_kind() {
    tools
    link_tools kind/kind
    if build/bin/kind get clusters 2>/dev/null | grep -qx "$NAME"; then
        echo "kind cluster $NAME is up"
    else
        mkdir -p "$DIR/audit"
        sed "s#@AUDIT_DIR@#$PWD/$DIR/audit#; s#@POLICY@#$PWD/test-e2e/local/audit-policy.yaml#" test-e2e/local/kind.yaml >"$DIR/kind.yaml"
        [ "$NODES" = 1 ] || echo '  - role: worker' >>"$DIR/kind.yaml"
        build/bin/kind create cluster --name "$NAME" --config "$DIR/kind.yaml" --kubeconfig "$KUBECONFIG_FILE" --wait 120s
        ln -sf audit/audit.log "$DIR/audit.log"
    fi
    build/bin/kind export kubeconfig --name "$NAME" --kubeconfig "$KUBECONFIG_FILE"
}

# up_current: only after a person has seen the name of the context and said yes
up_current() {
    tools
    local context answer=${CONFIRM:-}
    context=$(build/bin/kubectl config current-context)
    echo "AgentTier would be installed into the cluster of context \"$context\" ($(build/bin/kubectl config view --minify -o 'jsonpath={.clusters[0].cluster.server}'))."
    [ "$answer" = "$context" ] || read -r -p "Type the context's name to go on: " answer
    [ "$answer" = "$context" ] || { echo "not confirmed, nothing was changed" >&2; return 1; }
    mkdir -p "$DIR"
    build/bin/kubectl config view --minify --flatten --raw >"$KUBECONFIG_FILE"
    chmod 600 "$KUBECONFIG_FILE"
}

up() {
    local kind
    kind=$(chosen)
    mkdir -p build
    case $kind in
        local)
            [ -d "$DIR/node$NODES" ] || rm -rf "$DIR/loaded" # a new node has no images yet
            tool up --name "$NAME" --dir "$DIR" --nodes "$NODES"
            tools
            ;;
        kind) up_kind ;;
        current) up_current ;;
    esac
    echo "$kind" >build/cluster.kind
}

down() {
    local kind
    kind=$(chosen)
    case $kind in
        local) tool down --name "$NAME" --dir "$DIR" ;;
        kind) [ ! -x build/bin/kind ] || build/bin/kind delete cluster --name "$NAME" ;;
        current)
            if [ -s "$KUBECONFIG_FILE" ]; then
                KUBECONFIG=$KUBECONFIG_FILE build/bin/helm uninstall agenttier -n agenttier --wait || true
                KUBECONFIG=$KUBECONFIG_FILE build/bin/kubectl delete namespace agenttier agenttier-demo --ignore-not-found
            fi
            ;;
    esac
    rm -rf "$DIR" build/cluster.kind
}

# load NAME...: puts build/images/NAME.tar onto the nodes, unless the same image is there already
load() {
    local kind name pending=()
    kind=$(chosen)
    [ "$kind" != current ] || return 0
    mkdir -p "$DIR/loaded"
    for name in "$@"; do
        cmp -s "build/images/$name.key" "$DIR/loaded/$name.key" || pending+=("$name")
    done
    for name in "${pending[@]}"; do
        if [ "$kind" = kind ]; then
            build/bin/kind load image-archive --name "$NAME" "build/images/$name.tar"
        else
            build/bin/cluster load --name "$NAME" --dir "$DIR" "build/images/$name.tar"
        fi
        cp "build/images/$name.key" "$DIR/loaded/$name.key"
    done
}

# restart COMPONENT: starts a component of the control plane anew and waits until it works
restart() {
    [ "$(chosen)" = local ] || { echo "restart $1: only the local cluster of processes can do this" >&2; return 1; }
    build/bin/cluster restart --dir "$DIR" "$1"
}

case ${1:-} in
    up) up ;;
    down) down ;;
    load) shift && load "$@" ;;
    restart) restart "${2:?COMPONENT is missing}" ;;
    tools) tools ;;
    kind) chosen ;;
    *) echo "usage: cluster.sh up | down | load NAME... | restart COMPONENT | tools | kind" >&2; exit 2 ;;
esac
