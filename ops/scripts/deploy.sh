#!/usr/bin/env bash
# Submit ops/cloudbuild.yaml for the project, region, repository and service that the environment names: deploy.sh.
# What is not named has the default that stands there.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ -z "${GCP_PROJECT_ID:-}" ]; then
    echo "deploy.sh: GCP_PROJECT_ID is not set, wanted the id of a Google Cloud project." \
        "Next step: fill in .env and load it: set -a; . ./.env; set +a" >&2
    exit 2
fi
command -v gcloud >/dev/null || {
    echo "deploy.sh: gcloud is not installed. Next step: https://cloud.google.com/sdk/docs/install" >&2
    exit 1
}

given=()
[ -z "${GCP_REGION:-}" ] || given+=("_REGION=$GCP_REGION")
[ -z "${AR_REPO:-}" ] || given+=("_AR_REPO=$AR_REPO")
[ -z "${SERVICE_NAME:-}" ] || given+=("_SERVICE_NAME=$SERVICE_NAME")
options=(--config=ops/cloudbuild.yaml "--project=$GCP_PROJECT_ID")
if [ "${#given[@]}" -gt 0 ]; then
    options+=("--substitutions=$(IFS=,; echo "${given[*]}")")
fi
exec gcloud builds submit "${options[@]}" .
