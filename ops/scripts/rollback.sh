#!/usr/bin/env bash
# Give all traffic back to the revision that had it before: rollback.sh [--to REVISION].
# Needs GCP_PROJECT_ID; GCP_REGION and SERVICE_NAME have the defaults of ops/cloudbuild.yaml.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 -m ops.scripts.rollout back "$@"
