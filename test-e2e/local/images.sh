#!/usr/bin/env bash
# Builds container images into build/images/NAME.tar (OCI archives), each with build/images/NAME.key, the hash of what went
# into it; an image whose key has not changed is not built again. Uses Docker where an engine answers, else buildah.
#
#   images.sh system     apiserver, controller, sandboxd, sandbox-minimal
#   images.sh general    sandbox-general
#   images.sh langgraph  sandbox-langgraph
#   images.sh test       the images of the end-to-end tests: busybox alone, one static program alone, one program with musl
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${JAVA_HOME:?set by the Makefile}"

readonly PREFIX=localhost/agenttier TAG=dev
readonly OUT=build/images
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
export BUILDX_NO_DEFAULT_ATTESTATIONS=1 # else archives name a second, unknown platform, which containerd's import of all platforms trips over
mkdir -p "$OUT"

if docker info >/dev/null 2>&1; then engine=docker; else engine=buildah; fi

step() { printf '%s  %s\n' "$(date +%H:%M:%S)" "$*"; }

# key FILE-OR-FOLDER...: hash of names, modes and contents
key() {
    {
        printf '%s\n' "$engine $(uname -m)"
        for path in "$@"; do
            if [ -d "$path" ]; then
                (cd "$path" && find . -type f -print0 | sort -z | xargs -0 sha256sum)
            else
                sha256sum <"$path"
            fi
        done
    } | sha256sum | cut -c1-16
}

unchanged() { [ -s "$OUT/$1.tar" ] && [ "$(cat "$OUT/$1.key" 2>/dev/null)" = "$2" ]; }

# build NAME CONTEXT CONTAINERFILE [--build-arg ...]
build() {
    local name=$1 context=$2 file=$3 started=$SECONDS
    shift 3
    step "building image $name"
    if [ $engine = docker ]; then
        docker build -q -t "$PREFIX/$name:$TAG" -f "$file" "$@" "$context" >/dev/null
        docker save -o "$OUT/$name.tar.new" "$PREFIX/$name:$TAG"
    else
        buildah build -q --layers=false --format oci -t "$PREFIX/$name:$TAG" -f "$file" "$@" "$context" >/dev/null
        rm -f "$OUT/$name.tar.new"
        buildah push -q "$PREFIX/$name:$TAG" "oci-archive:$OUT/$name.tar.new:$PREFIX/$name:$TAG"
        buildah rmi -f "$PREFIX/$name:$TAG" >/dev/null
    fi
    mv "$OUT/$name.tar.new" "$OUT/$name.tar"
    step "built image $name in $((SECONDS - started)) s, $(du -h "$OUT/$name.tar" | cut -f1)"
}

# image NAME CONTEXT CONTAINERFILE [--build-arg ...]
image() {
    local name=$1 hash
    hash=$(printf '%s ' "$(key "$2" "$3")" "${@:4}" "$(cat "$OUT/$(base_of "${@:4}").key" 2>/dev/null)" | sha256sum | cut -c1-16)
    unchanged "$name" "$hash" && return
    build "$@"
    echo "$hash" >"$OUT/$name.key"
}

# base_of --build-arg BASE=localhost/agenttier/NAME:dev -> NAME
base_of() { [[ ${2:-} =~ ^BASE=$PREFIX/(.*):$TAG$ ]] && echo "${BASH_REMATCH[1]}" || echo none; }

# base NAME PACKAGE...: a Debian base image made from packages, since no image registry is asked where buildah builds
base() {
    local name=$1 packages hash started=$SECONDS
    shift
    [ $engine = docker ] && return
    packages=$(IFS=,; echo "$*")
    hash=$(printf 'bookworm %s' "$packages" | sha256sum | cut -c1-16)
    if [ "$(cat "$OUT/$name.key" 2>/dev/null)" = "$hash" ] && buildah inspect --type image "$PREFIX/$name:$TAG" >/dev/null 2>&1; then return; fi
    if [ ! -s "$OUT/$name.rootfs.tar" ] || [ "$(cat "$OUT/$name.key" 2>/dev/null)" != "$hash" ]; then
        step "making base image $name from Debian packages (about a minute): $packages"
        mmdebstrap --quiet --variant=minbase --include="$packages" \
            --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
            bookworm "$OUT/$name.rootfs.new.tar" >"$OUT/$name.log" 2>&1 || { tail -n 20 "$OUT/$name.log" >&2; return 1; }
        mv "$OUT/$name.rootfs.new.tar" "$OUT/$name.rootfs.tar"
    fi
    local container
    container=$(buildah from scratch)
    buildah add -q "$container" "$OUT/$name.rootfs.tar" / >/dev/null
    buildah commit -q --rm "$container" "$PREFIX/$name:$TAG" >/dev/null
    echo "$hash" >"$OUT/$name.key"
    step "made base image $name in $((SECONDS - started)) s"
}

# base_arg NAME: the build argument that puts a Containerfile on a local base; nothing with Docker, which pulls the default
base_arg() { [ $engine = docker ] || echo "--build-arg BASE=$PREFIX/$1:$TAG"; }

# java_runtime: a JDK cut down to the modules that apiserver and controller use
java_runtime() {
    local modules=java.base,java.logging,java.naming,java.management,java.security.jgss,java.sql,java.xml,java.desktop,java.net.http,jdk.crypto.ec,jdk.httpserver,jdk.management,jdk.unsupported,jdk.jfr,jdk.jcmd
    local stamp
    stamp=$(printf '%s %s' "$modules" "$(sha256sum <"$JAVA_HOME/release")" | sha256sum | cut -c1-16)
    [ "$(cat build/java/runtime.key 2>/dev/null)" = "$stamp" ] && return
    step "linking the Java runtime"
    rm -rf build/java/runtime && mkdir -p build/java
    "$JAVA_HOME/bin/jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages --output build/java/runtime
    echo "$stamp" >build/java/runtime.key
}

# java_image PROGRAM
java_image() {
    local context=build/images/$1.context
    rm -rf "$context" && mkdir -p "$context"
    cp -al build/java/runtime "$context/runtime"
    mkdir "$context/lib"
    cp "$1"/target/lib/*.jar "$1"/target/agenttier-"$1"-*.jar "$context/lib/"
    # shellcheck disable=SC2046
    image "$1" "$context" "images/$1/Containerfile" $(base_arg base-minimal)
    rm -rf "$context"
}

system() {
    base base-minimal bash,ca-certificates,curl,git
    java_runtime
    java_image apiserver
    java_image controller
    mkdir -p build/images/sandboxd.context && cp build/bin/sandboxd build/images/sandboxd.context/
    image sandboxd build/images/sandboxd.context images/sandboxd/Containerfile
    rm -rf build/images/sandboxd.context
    # shellcheck disable=SC2046
    image sandbox-minimal images/minimal images/minimal/Containerfile $(base_arg base-minimal)
}

general() {
    base base-general bash,ca-certificates,curl,git,golang-go,less,make,nodejs,procps,python3,python3-pip,python3-venv,tmux,unzip
    # shellcheck disable=SC2046
    image sandbox-general images/general images/general/Containerfile $(base_arg base-general)
}

# The Python packages are fetched here, where pip knows an index, and go into the build as files.
langgraph() {
    base base-langgraph bash,ca-certificates,curl,git,procps,python-is-python3,python3,python3-pip,python3-venv
    local context=build/images/langgraph.context wheels=build/images/langgraph.wheels
    if [ $engine != docker ] && [ "$(cat "$wheels/key" 2>/dev/null)" != "$(key images/langgraph/requirements.txt)" ]; then
        step "fetching the Python packages of sandbox-langgraph"
        rm -rf "$wheels"
        python3 -m pip download -q --only-binary=:all: --python-version 3.11 --implementation cp --require-hashes \
            -r images/langgraph/requirements.txt -d "$wheels"
        key images/langgraph/requirements.txt >"$wheels/key"
    fi
    rm -rf "$context" && cp -r images/langgraph "$context"
    [ $engine = docker ] || { mkdir "$context/wheels" && cp -l "$wheels"/*.whl "$context/wheels/"; }
    # shellcheck disable=SC2046
    image sandbox-langgraph "$context" images/langgraph/Containerfile $(base_arg base-langgraph)
    rm -rf "$context"
}

test_images() {
    mkdir -p build/images/busybox.context build/images/static.context
    cp "$(command -v busybox)" build/images/busybox.context/busybox
    image test-busybox build/images/busybox.context test-e2e/images/busybox/Containerfile
    (cd test-e2e/images/static && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$OLDPWD/build/images/static.context/static" .)
    image test-static build/images/static.context test-e2e/images/static/Containerfile
    local musl=build/images/musl.context
    rm -rf $musl && mkdir -p $musl/lib
    musl-gcc -O2 -s -o $musl/program test-e2e/images/musl/program.c
    cp -L /lib/ld-musl-*.so.1 $musl/lib/ # which is all of musl
    image test-musl $musl test-e2e/images/musl/Containerfile
    rm -rf build/images/busybox.context build/images/static.context $musl
}

for set in "$@"; do
    case $set in
        system) system ;;
        general) general ;;
        langgraph) langgraph ;;
        test) test_images ;;
        *) echo "images.sh: unknown set \"$set\", expected system, general, langgraph or test" >&2; exit 2 ;;
    esac
done
