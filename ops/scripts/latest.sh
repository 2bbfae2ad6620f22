#!/usr/bin/env bash
# Let app:latest and train:latest be the images of one build: latest.sh REPOSITORY TAG.
set -euo pipefail
if [ $# -ne 2 ]; then
    echo "usage: latest.sh REPOSITORY TAG" >&2
    exit 2
fi
for image in app train; do
    gcloud artifacts docker tags add "$1/$image:$2" "$1/$image:latest" --quiet
done
