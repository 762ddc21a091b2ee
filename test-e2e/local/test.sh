#!/usr/bin/env bash
# Runs stages of the test suite, goes on after a failed one, and closes with one summary. Exit 1 if anything failed.
#
#   test.sh [lint] [unit] [e2e] [bench] [soak] [argocd] [langgraph]
set -uo pipefail
cd "$(dirname "$0")/../.."

readonly RESULTS=$PWD/build/test-results
rm -rf "$RESULTS" && mkdir -p "$RESULTS" && touch "$RESULTS/began"
JAVA_HOME=$(test-e2e/local/toolchain.sh) || exit 1
export JAVA_HOME GOFLAGS=-buildvcs=false
export NODES=${NODES:-2} # sandboxes and apiserver on different nodes are part of the tests
started=$SECONDS
failures=()

# check NAME COMMAND...: one named step; its outcome is one line of the summary
check() {
    local name=$1 begun=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    if "$@"; then
        echo "pass $name $((SECONDS - begun))" >>"$RESULTS/steps"
    else
        echo "fail $name $((SECONDS - begun))" >>"$RESULTS/steps"
        failures+=("$name")
    fi
}

go_modules() { printf '%s\n' images/sandboxd test-e2e/cluster test-e2e/images/static test-e2e/clients/{remotecommand,argohealth}; }

gofmt_clean() {
    local files
    files=$(gofmt -l images/sandboxd test-e2e/cluster test-e2e/images test-e2e/clients)
    [ -z "$files" ] || { echo "gofmt would change:"; echo "$files"; return 1; }
}

go_vet() {
    local module
    for module in $(go_modules); do
        (cd "$module" && go vet ./...) || return 1
    done
}

shell_syntax() {
    local script
    for script in test-e2e/local/*.sh kubectl-plugin/*.sh .ci/run; do
        bash -n "$script" || return 1
    done
}

helm() { "$(cd test-e2e/cluster && go run . components --group helm | tail -n 1)/helm" "$@" 2> >(grep -v 'coalesce' >&2); }

chart_lint() { test-e2e/local/chart.sh && helm lint --strict --quiet build/chart/agenttier; }

# chart_golden: the chart renders what a reviewer has read; GOLDEN=write takes the new renderings instead
chart_golden() {
    local values golden rendered failed=0
    for values in deploy/chart/golden/*.values.yaml; do
        golden=${values%.values.yaml}.yaml
        rendered=$RESULTS/$(basename "$golden")
        helm template agenttier deploy/chart/agenttier --namespace agenttier --kube-version 1.36.3 -f "$values" >"$rendered" || return 1
        if [ "${GOLDEN:-}" = write ]; then cp "$rendered" "$golden"; fi
        diff -u "$golden" "$rendered" || failed=1
    done
    [ $failed = 0 ] || echo 'If the change is meant: GOLDEN=write make lint, then review the difference.'
    return $failed
}

# go_test MODULE: with the race detector; counts go to the summary
go_test() {
    local report
    report=$RESULTS/go-$(basename "$1").json
    (cd "$1" && go test -race -json ./...) >"$report"
    local code=$?
    python3 test-e2e/local/summary.py go "$report" || code=1
    return $code
}

lint() {
    check "gofmt" gofmt_clean
    check "go vet" go_vet
    check "shell syntax" shell_syntax
    check "Java format" mvn -B -ntp -q spotless:check
    check "chart lint" chart_lint
    check "chart renderings" chart_golden
}

unit() {
    check "sandboxd builds within 8 MiB" make sandboxd
    check "Go: sandboxd" go_test images/sandboxd
    check "Go: cluster" go_test test-e2e/cluster
    # compiling is linting: Error Prone and NullAway are errors, and the ArchUnit borders are tests
    check "Python SDK" env "REPORT=$RESULTS/python.xml" sdk-python/test.sh
    check "Java: unit tests" mvn -B -ntp -q install -Dspotless.check.skip=true "-Dagenttier.sandboxd=$PWD/build/bin/sandboxd"
}

cluster_up() {
    [ -s build/cluster/kubeconfig ] || echo yes >"$RESULTS/cluster-is-ours"
    make test-images cluster deploy plugin && test-e2e/local/cluster.sh load test-busybox test-static test-musl
}

# in_cluster REPORT TAGS EXCLUDED [-D...]: the tests of these JUnit tags against the cluster that is up
in_cluster() {
    # with -am, since some tests start the controller's own classes; no other module has tests of these tags
    mvn -B -ntp -q -pl test-e2e -am test "-Dreport.name=$1" "-Dgroups=$2" "-DexcludedGroups=$3" "${@:4}"
}

# cluster_lifecycle: the local cluster under damage, in parallel and removed, in clusters of its own
cluster_lifecycle() { (cd test-e2e/cluster && CLUSTER_LIFECYCLE=1 go test -count=1 -run Clusters .); }

e2e() {
    local before=${#failures[@]}
    check "cluster with AgentTier" cluster_up
    if [ ${#failures[@]} -gt 0 ] && [[ " ${failures[*]} " == *"cluster with AgentTier"* ]]; then return; fi
    check "end to end" in_cluster e2e e2e "disruptive,soak"
    check "end to end, disruptive" in_cluster disruptive disruptive soak
    [ "$(test-e2e/local/cluster.sh kind)" != local ] || check "local cluster, its lifecycle" cluster_lifecycle
    test-e2e/local/diagnose.sh "$RESULTS/cluster" $((${#failures[@]} - before))
}

bench() {
    check "cluster with AgentTier" cluster_up
    check "benchmark" in_cluster bench bench none
}

# sandboxd_full: 100,000 processes, 64 MiB through connections that are cut, files of 10 GiB, 100,000 files
sandboxd_full() {
    (cd images/sandboxd && AGENTTIER_SIZE=full go test -count=1 -timeout 90m -run 'Many|Cuts' . ./internal/server &&
        AGENTTIER_SIZE=full go test -count=1 -timeout 30m ./internal/files ./internal/archive)
}

soak() {
    check "Go: sandboxd, full sizes" sandboxd_full
    check "cluster with AgentTier" cluster_up
    check "soak" in_cluster soak "e2e | disruptive | soak" none -Dagenttier.size=full
}

# Argo CD takes minutes to build, once
argocd() {
    check "tools of the host" test-e2e/local/hosttools.sh argocd
    check "Argo CD built" argocd_built
    check "cluster with AgentTier" cluster_up
    check "Argo CD" in_cluster argocd argocd none
}

# a base from Debian packages and some seventy wheels take minutes to fetch and pack, once
langgraph() {
    check "image sandbox-langgraph" test-e2e/local/images.sh langgraph
    check "cluster with AgentTier" cluster_up
    check "image in the cluster" test-e2e/local/cluster.sh load sandbox-langgraph
    check "agent with LangGraph" in_cluster langgraph langgraph none
}

argocd_built() { (cd test-e2e/cluster && go run . components --group argocd); }

for stage in "$@"; do
    case $stage in
        lint | unit | e2e | bench | soak | argocd) $stage ;;
        *) echo "test.sh: unknown stage \"$stage\", expected lint, unit, e2e, bench, soak or argocd" >&2; exit 2 ;;
    esac
done

if [ -e "$RESULTS/cluster-is-ours" ] && [ -z "${KEEP_CLUSTER:-}" ]; then
    check "cluster removed" test-e2e/local/cluster.sh down
fi

printf '\n== summary, %d s\n' $((SECONDS - started))
python3 test-e2e/local/summary.py all "$RESULTS"
