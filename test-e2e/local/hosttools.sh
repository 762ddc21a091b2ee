#!/usr/bin/env bash
# Makes the tools that build images and run the local cluster available: as root on Debian or Ubuntu they are installed,
# elsewhere one list says what is missing. With a Docker engine and no local cluster, one program is enough.
#
#   hosttools.sh [argocd]    argocd: those of the test with Argo CD as well
set -euo pipefail

with_engine() { [ "${CLUSTER:-auto}" != local ] && docker info >/dev/null 2>&1; }

declare -A package=([mmdebstrap]=mmdebstrap [buildah]=buildah [nft]=nftables [iptables]=iptables [conntrack]=conntrack [ip]=iproute2 [pkg-config]=pkg-config [busybox]=busybox-static [musl-gcc]=musl-tools)
if with_engine; then package=([busybox]=busybox-static [musl-gcc]=musl-tools); fi
if [ "${1:-}" = argocd ]; then package[redis-server]=redis-server; fi
wanted=()
for tool in "${!package[@]}"; do
    command -v "$tool" >/dev/null || [ -x "/usr/sbin/$tool" ] || wanted+=("${package[$tool]}")
done
if ! with_engine; then
    pkg-config --exists libseccomp 2>/dev/null || wanted+=(libseccomp-dev)
    command -v gcc >/dev/null || wanted+=(gcc libc6-dev)
    [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || wanted+=(debian-archive-keyring)
fi
[ ${#wanted[@]} -eq 0 ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing Debian packages: ${wanted[*]}"
    log=$(mktemp)
    if apt-get update >"$log" 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${wanted[@]}" >>"$log" 2>&1; then
        rm -f "$log"
        exit 0
    fi
    tail -n 20 "$log" >&2
    echo "apt-get could not install the packages above; the whole output is in $log" >&2
    exit 1
fi
echo "These packages are missing (Debian names): ${wanted[*]}" >&2
echo "Install them, or run as root on Debian or Ubuntu, where they are installed for you." >&2
exit 1
