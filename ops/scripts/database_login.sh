#!/usr/bin/env bash
# Makes the login of the ledger in Cloud SQL, or gives it another password, and puts DATABASE_URL into its secret.
# The password is drawn here and is on no command line, in no file and in no state of Terraform.
# usage: database_login.sh PROJECT REGION [INSTANCE]
set -euo pipefail

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
    echo "usage: database_login.sh PROJECT REGION [INSTANCE]" >&2
    exit 2
fi
project=$1 region=$2 instance=${3:-churn-saver}
user=churn_saver database=churn_saver secret=churn-saver-database-url
users="https://sqladmin.googleapis.com/v1/projects/$project/instances/$instance/users"

for tool in gcloud curl openssl; do
    command -v "$tool" >/dev/null || { echo "database_login.sh: $tool is not installed" >&2; exit 1; }
done

password=$(openssl rand -hex 32)
token=$(gcloud auth print-access-token)
known=$(gcloud sql users list --instance="$instance" --project="$project" --format='value(name)')

# curl reads what is secret from its standard input, where no list of processes shows it.
method=POST address=$users
if grep -qx "$user" <<<"$known"; then
    method=PUT address="$users?name=$user"
fi
printf '%s\n' \
    "url = \"$address\"" \
    "request = \"$method\"" \
    "header = \"Authorization: Bearer $token\"" \
    "header = \"Content-Type: application/json\"" \
    "data = \"{\\\"name\\\": \\\"$user\\\", \\\"password\\\": \\\"$password\\\"}\"" |
    curl --silent --show-error --fail --output /dev/null --config -

# Who starts with the new URL before the change is through is refused.
pending=$(gcloud sql operations list --instance="$instance" --project="$project" --filter='status!=DONE' --format='value(name)')
for operation in $pending; do
    gcloud sql operations wait "$operation" --project="$project" --quiet >/dev/null
done

printf 'postgresql://%s:%s@/%s?host=/cloudsql/%s:%s:%s' \
    "$user" "$password" "$database" "$project" "$region" "$instance" |
    gcloud secrets versions add "$secret" --data-file=- --project="$project" --quiet >/dev/null

echo "login $user of $instance has a new password; its URL is the latest version of the secret $secret"
echo "instances that run now have the old one and open no new connection with it; make deploy starts others"
