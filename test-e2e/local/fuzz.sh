#!/usr/bin/env bash
# Runs every fuzz target of every Go module for FUZZTIME (10m), one after the other, and stops at the first that fails: with the file
# of the input, which `go test` then runs as a test until it passes.
#
#   fuzz.sh [PATTERN]    only targets whose name matches PATTERN, an extended regular expression
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly TIME=${FUZZTIME:-10m} PATTERN=${1:-.}

# targets: one line for each, "FOLDER NAME"
targets() {
    git ls-files '*_test.go' ':!build' | xargs grep -H -o -E '^func Fuzz[A-Za-z0-9_]+\(f \*testing\.F\)' |
        sed -E 's|^(.*)/[^/]*:func (Fuzz[A-Za-z0-9_]+)\(.*|\1 \2|' | sort
}

count=0
while read -r folder name; do
    [[ $name =~ $PATTERN ]] || continue
    count=$((count + 1))
    printf '== %s, %s, %s\n' "$name" "$folder" "$TIME"
    log=$(mktemp)
    if ! (cd "$folder" && go test -run '^$' -fuzz "^$name\$" -fuzztime "$TIME" .) </dev/null | tee "$log"; then
        input=$(sed -n -E 's|.*Failing input written to (.*)|\1|p' "$log")
        echo "fuzz.sh: $name failed${input:+; its input is $folder/$input}" >&2
        rm -f "$log"
        exit 1
    fi
    rm -f "$log"
done < <(targets)
[ $count -gt 0 ] || { echo "fuzz.sh: no fuzz target matches $PATTERN" >&2; exit 2; }
echo "$count fuzz targets passed"
