#!/usr/bin/env bash
# Checks the base tools, names each missing one with how to get it, and prints the home of a JDK 25, wherever it is
# installed, even where the default java is older.
set -euo pipefail

missing=()

jdk25() {
    local home
    for home in "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
        [ -x "$home/bin/javac" ] && grep -qs '^JAVA_VERSION="25' "$home/release" && { echo "$home"; return 0; }
    done
    return 1
}

# at_least WANTED FOUND: true if FOUND is the same or a later version
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

java_home=$(jdk25) || missing+=("JDK 25 (a javac of version 25): install Temurin 25 from https://adoptium.net, or set JAVA_HOME to an existing one")

if command -v go >/dev/null; then
    go_version=$(go env GOVERSION | sed 's/^go//')
    at_least 1.26.6 "$go_version" || missing+=("Go >= 1.26.6, found $go_version: https://go.dev/dl")
else
    missing+=("Go >= 1.26.6: https://go.dev/dl")
fi

if command -v mvn >/dev/null; then
    # .mvn/jvm.config holds options that only JDK 25 knows
    mvn_version=$(JAVA_HOME=${java_home:-${JAVA_HOME:-}} mvn -v 2>/dev/null | sed -n 's/.*Apache Maven \([0-9.]*\).*/\1/p' | head -n 1) || true
    at_least 3.8.7 "${mvn_version:-0}" || missing+=("Maven >= 3.8.7, found ${mvn_version:-none}: apt-get install maven")
else
    missing+=("Maven >= 3.8.7: apt-get install maven")
fi

if command -v python3 >/dev/null; then
    python_version=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    at_least 3.10 "$python_version" || missing+=("Python >= 3.10, found $python_version")
    python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=("Python's venv module: apt-get install python3-venv")
else
    missing+=("Python >= 3.10 with venv: apt-get install python3 python3-venv")
fi

command -v git >/dev/null || missing+=("git: apt-get install git")

if [ ${#missing[@]} -gt 0 ]; then
    echo "These base tools are missing:" >&2
    printf '  - %s\n' "${missing[@]}" >&2
    exit 1
fi
echo "$java_home"
