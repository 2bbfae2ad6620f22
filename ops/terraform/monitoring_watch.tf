# A look at a campaign once a day, by a job of its own: it reads tables and draws pages, which the image of the
# service cannot. Which image it runs is said here and not by a deploy; so it is no second entry of the job in
# dispatch.tf, whose image Terraform must leave alone: what a lifecycle ignores is the same for all of a resource.

locals {
  watched = var.watch_campaign == "" ? {} : { watch = var.watch_campaign }
}

resource "google_cloud_run_v2_job" "watch" {
  for_each = local.watched

  project             = var.project_id
  name                = local.monitored.watch_job_name
  location            = var.region
  deletion_protection = !var.allow_destroy

  template {
    template {
      service_account = google_service_account.account["dispatch"].email
      timeout         = "1800s"
      max_retries     = 0 # a look that finds something ends with an exit code of its own

      containers {
        image = var.watch_image
        args  = ["watch", each.value, "--once", "--out", "/tmp/watch"]

        resources {
          limits = { cpu = "1", memory = "2Gi" }
        }

        env {
          name  = "GCP_PROJECT_ID"
          value = var.project_id
        }

        env {
          name  = "SERVICE_NAME"
          value = var.service_name
        }

        env {
          name = "DATABASE_URL"
          value_source {
            secret_key_ref {
              secret  = local.database_secret
              version = "latest"
            }
          }
        }

        dynamic "volume_mounts" {
          for_each = google_sql_database_instance.ledger
          content {
            name       = "cloudsql"
            mount_path = "/cloudsql"
          }
        }
      }

      dynamic "volumes" {
        for_each = google_sql_database_instance.ledger
        content {
          name = "cloudsql"
          cloud_sql_instance {
            instances = [volumes.value.connection_name]
          }
        }
      }
    }
  }

  lifecycle {
    ignore_changes = [client, client_version]
  }

  depends_on = [
    google_project_iam_member.connects,
    google_secret_manager_secret_iam_member.right,
    google_secret_manager_secret_version.stand_in,
    google_sql_database.ledger,
  ]
}

resource "google_cloud_run_v2_job_iam_member" "watch" {
  for_each = local.watched

  project  = var.project_id
  location = var.region
  name     = google_cloud_run_v2_job.watch[each.key].name
  role     = "roles/run.invoker"
  member   = local.members["dispatch"]
}

resource "google_cloud_scheduler_job" "watch" {
  for_each = local.watched

  project          = var.project_id
  region           = var.region
  name             = local.monitored.watch_job_name
  description      = "Starts a look at drift and outcomes of the campaign."
  schedule         = "5 6 * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "60s"

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/${google_cloud_run_v2_job.watch[each.key].id}:run"

    oauth_token {
      service_account_email = google_service_account.account["dispatch"].email
    }
  }

  depends_on = [google_cloud_run_v2_job_iam_member.watch]
}
