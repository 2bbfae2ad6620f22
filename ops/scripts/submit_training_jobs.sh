#!/usr/bin/env bash
# Train all models on Vertex AI: submit_training_jobs.sh PROJECT REGION [options of `churn-saver jobs submit`].
# Needs GCS_MODEL_BUCKET. Run again after a kill, it goes on where it stopped.
set -euo pipefail
if [ $# -lt 2 ]; then
    echo "usage: $0 PROJECT REGION [--dry-run] [--only STAGE]... [--run NAME]" >&2
    exit 2
fi
cd "$(dirname "$0")/../.."
command="churn-saver"
[ -x .venv/bin/churn-saver ] && command=".venv/bin/churn-saver"
exec "$command" jobs submit --project "$1" --region "$2" "${@:3}"
