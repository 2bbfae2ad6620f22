#!/usr/bin/env bash
# Install, on Debian and as root, the tools that some tests want: containers, promtool. No service is started.
#
#     ops/scripts/install_test_tools.sh
#
# What cannot be installed is named in one line, and its tests skip with the reason.
set -euo pipefail

# Program, then the package that brings it.
tools=(
    "podman podman" "runc runc" "netavark netavark" "iptables iptables"
    "mmdebstrap mmdebstrap" "promtool prometheus"
)
wanted=()
for tool in "${tools[@]}"; do
    read -r program package <<<"$tool"
    command -v "$program" >/dev/null || [ -x "/usr/lib/podman/$program" ] || wanted+=("$package")
done
for program in terraform gcloud; do
    command -v "$program" >/dev/null ||
        echo "install_test_tools.sh: not installed, and Debian has no package of it: $program"
done
[ "${#wanted[@]}" -gt 0 ] || exit 0
if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo "install_test_tools.sh: not installed, which takes apt-get and root: ${wanted[*]}"
    exit 0
fi

# Debian asks this script before it starts a service: 101 says no.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
log="$(mktemp)"
apt-get update >"$log" 2>&1 || true
failed=()
# One by one when all at once fails, so that one that is missing keeps no other away.
if ! apt-get install --yes --no-install-recommends "${wanted[@]}" >>"$log" 2>&1; then
    for package in "${wanted[@]}"; do
        apt-get install --yes --no-install-recommends "$package" >>"$log" 2>&1 || failed+=("$package")
    done
fi
if [ "${#failed[@]}" -gt 0 ]; then
    echo "install_test_tools.sh: not installed: ${failed[*]} ($(tail -n 1 "$log"))"
fi
rm -f "$log"
