#!/usr/bin/env bash
# Make a base image where no registry answers: Debian 12 with its Python 3.11, by mmdebstrap, as root.
#
#     ops/scripts/base_image.sh docker|podman [NAME]
#
# It stands in for python:3.11-slim, so that the images can be built and tried; deploy on the real one.
# DEBIAN_MIRROR and DEBIAN_SECURITY name other mirrors than Debian's own.
set -euo pipefail

engine="${1:?wanted: docker or podman}"
name="${2:-localhost/python:3.11-slim}"
mirror="${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
security="${DEBIAN_SECURITY:-http://deb.debian.org/debian-security}"

command -v mmdebstrap >/dev/null || {
    echo "base_image.sh: mmdebstrap is not installed. Next step: ops/scripts/install_test_tools.sh" >&2
    exit 1
}
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
# Man pages and documents are left out, as in the image it stands in for; licences stay.
mmdebstrap --quiet --variant=minbase \
    --include=python3,python3-pip,python3-venv,python-is-python3,ca-certificates \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    bookworm "$folder/base.tar" \
    "deb $mirror bookworm main" "deb $security bookworm-security main"
"$engine" import "$folder/base.tar" "$name" >/dev/null
echo "$name is made"
