#!/usr/bin/env bash
# Push an image and write down by which digest the registry knows it: push.sh IMAGE FILE.
set -euo pipefail
if [ $# -ne 2 ]; then
    echo "usage: push.sh IMAGE FILE" >&2
    exit 2
fi
docker push "$1"
docker inspect --format '{{index .RepoDigests 0}}' "$1" >"$2"
