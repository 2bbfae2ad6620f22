# Terraform makes the containers. Values come by `gcloud secrets versions add`, so that no state file holds one.

locals {
  secrets = merge(
    {
      api_keys     = "churn-saver-api-keys"
      rlhf_token   = "rlhf-token"
      sender_token = "churn-saver-sender-token"
    },
    var.cloud_sql ? { database_url = "churn-saver-database-url" } : {},
  )

  # Where DATABASE_URL comes from, whoever made it.
  database_secret = var.cloud_sql ? google_secret_manager_secret.secret["database_url"].secret_id : var.database_url_secret

  # A revision whose secret has no version cannot be made. These stand in until there is a real one, which is
  # then the latest: a key that nobody has, since nothing is known to have this digest, and no URL.
  stand_ins = merge(
    { api_keys = "nobody decide sha256:${join("", [for _ in range(64) : "0"])}" },
    var.cloud_sql ? { database_url = "unset" } : {},
  )

  secret_rights = {
    "serve reads API_KEYS"         = { account = "serve", secret = google_secret_manager_secret.secret["api_keys"].secret_id }
    "serve reads DATABASE_URL"     = { account = "serve", secret = local.database_secret }
    "dispatch reads DATABASE_URL"  = { account = "dispatch", secret = local.database_secret }
    "dispatch reads its token"     = { account = "dispatch", secret = google_secret_manager_secret.secret["sender_token"].secret_id }
    "train reads the token of hub" = { account = "train", secret = google_secret_manager_secret.secret["rlhf_token"].secret_id }
  }
}

resource "google_secret_manager_secret" "secret" {
  for_each = local.secrets

  project   = var.project_id
  secret_id = each.value

  replication {
    auto {}
  }

  depends_on = [google_project_service.api]
}

resource "google_secret_manager_secret_version" "stand_in" {
  for_each = local.stand_ins

  secret      = google_secret_manager_secret.secret[each.key].id
  secret_data = each.value

  # Who disables or destroys it once there is a real one is right.
  lifecycle {
    ignore_changes = [enabled, secret_data]
  }
}

resource "google_secret_manager_secret_iam_member" "right" {
  for_each = local.secret_rights

  project   = var.project_id
  secret_id = each.value.secret
  role      = "roles/secretmanager.secretAccessor"
  member    = local.members[each.value.account]
}
