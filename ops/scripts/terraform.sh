#!/usr/bin/env bash
# Run Terraform on ops/terraform with the variables of .env: terraform.sh init|plan|apply|destroy|output [options].
# What is not set has the default that stands in ops/terraform; an option -var=… goes before either.
set -euo pipefail
cd "$(dirname "$0")/../.."

command -v terraform >/dev/null || {
    echo "terraform.sh: terraform is not installed. Next step: https://developer.hashicorp.com/terraform/install" >&2
    exit 1
}

[ -z "${GCP_PROJECT_ID:-}" ] || export TF_VAR_project_id="$GCP_PROJECT_ID"
[ -z "${GCP_REGION:-}" ] || export TF_VAR_region="$GCP_REGION"
[ -z "${GCS_DATA_BUCKET:-}" ] || export TF_VAR_data_bucket="${GCS_DATA_BUCKET#gs://}"
[ -z "${GCS_MODEL_BUCKET:-}" ] || export TF_VAR_model_bucket="${GCS_MODEL_BUCKET#gs://}"
[ -z "${GCS_LOG_BUCKET:-}" ] || export TF_VAR_log_bucket="${GCS_LOG_BUCKET#gs://}"
[ -z "${AR_REPO:-}" ] || export TF_VAR_repository="$AR_REPO"
[ -z "${SERVICE_NAME:-}" ] || export TF_VAR_service_name="$SERVICE_NAME"
exec terraform -chdir=ops/terraform "$@"
