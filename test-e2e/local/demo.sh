#!/usr/bin/env bash
# A sandbox's life through kube-apiserver, each step with the command a user would type. Leaves everything up.
set -euo pipefail
cd "$(dirname "$0")/../.."
export KUBECONFIG=$PWD/build/cluster/kubeconfig PATH=$PWD/build/bin:$PATH

if [ -t 1 ]; then bold=$'\e[1m' cyan=$'\e[36m' plain=$'\e[0m'; else bold='' cyan='' plain=''; fi

say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

# run COMMAND...: prints the command as a user would type it, then runs it
run() {
    local typed
    printf -v typed '%q ' "$@"
    printf '%s$ %s%s\n' "$cyan" "${TYPED:-$typed}" "$plain"
    "$@"
}

fail() { echo "demo: $*" >&2; exit 1; }

say "1. A sandbox is an object: apply it and wait until it is Ready"
run kubectl apply -f docs/examples/hello.yaml
run kubectl wait --for=condition=Ready sandbox/hello --timeout=120s
run kubectl get sandbox hello

say "2. Run a command in it, through kube-apiserver"
TYPED="kubectl sandbox exec hello -- sh -c 'echo hello from \$(hostname); id'" run kubectl sandbox exec hello -- sh -c 'echo hello from $(hostname); id'

say "3. Stream a longer one; the exit code is the command's own"
code=0
TYPED="kubectl sandbox exec hello -- sh -c 'for i in 1 2 3; do echo step \$i; sleep 1; done; exit 42'" \
    run kubectl sandbox exec hello -- sh -c 'for i in 1 2 3; do echo step $i; sleep 1; done; exit 42' || code=$?
echo "exit code: $code"
[ $code = 42 ] || fail "expected exit code 42, got $code"

say "4. Write a file, stop the sandbox, resume it: the file is still there"
note="written at $(date -u +%H:%M:%S)"
run kubectl sandbox files put hello notes.txt --data "$note"
run kubectl sandbox stop hello
run kubectl wait --for=jsonpath='{.status.phase}'=Stopped sandbox/hello --timeout=60s
run kubectl get pods -l agenttier.io/sandbox=hello
run kubectl sandbox resume hello --wait
read_back=$(kubectl sandbox files get hello notes.txt -o -)
TYPED="kubectl sandbox files get hello notes.txt -o -" run echo "$read_back"
[ "$read_back" = "$note" ] || fail "expected \"$note\" in notes.txt, got \"$read_back\""

say "5. A user without the right is refused by Kubernetes RBAC"
code=0
run kubectl sandbox exec hello --as bob -- id || code=$?
[ $code != 0 ] || fail "bob has no rights, yet his exec was served"
code=0
run kubectl auth can-i create sandboxes.agenttier.io --subresource=exec --as bob || code=$?

if [ -e build/cluster/audit.log ]; then
    say "6. kube-apiserver's audit log knows who ran what, where"
    TYPED="grep '\"subresource\":\"exec\"' build/cluster/audit.log | tail -n 1" run python3 - build/cluster/audit.log <<'PYTHON'
import json, sys

last = None
with open(sys.argv[1], encoding="utf-8") as log:
    for line in log:
        if '"subresource":"exec"' in line and '"stage":"ResponseComplete"' in line:
            event = json.loads(line)
            if event["objectRef"].get("resource") == "sandboxes" and event["responseStatus"].get("code") == 200:
                last = event
if last is None:
    sys.exit("no audit line of an exec was found")
shown = {key: last[key] for key in ("stageTimestamp", "user", "verb", "objectRef", "responseStatus", "annotations")}
print(json.dumps(shown, indent=2))
PYTHON
fi

say "Everything is up. Go on by hand:"
cat <<TEXT
  export KUBECONFIG=$KUBECONFIG
  export PATH=$PWD/build/bin:\$PATH
  kubectl sandbox exec hello -- bash -c 'git --version'
  kubectl sandbox create mine --template general-coding --wait
  kubectl explain sandbox.spec
  make down          # removes everything
TEXT
