# Nothing runs between two requests, so messages that fall due are sent by a job that looks now and then.

locals {
  dispatches = var.dispatch_sender == "" ? {} : { dispatch = "${var.service_name}-dispatch" }

  dispatch_arguments = concat(
    ["dispatch", "--once", "--sender", var.dispatch_sender],
    !var.dispatch_token ? [] : [
      "--token-from",
      "projects/${var.project_id}/secrets/${google_secret_manager_secret.secret["sender_token"].secret_id}/versions/latest",
    ],
  )
}

resource "google_cloud_run_v2_job" "dispatch" {
  for_each = local.dispatches

  project             = var.project_id
  name                = each.value
  location            = var.region
  deletion_protection = !var.allow_destroy

  template {
    template {
      service_account = google_service_account.account["dispatch"].email
      timeout         = "600s"
      max_retries     = 0 # the schedule is the retry

      containers {
        image = local.dispatch_image
        args  = local.dispatch_arguments

        resources {
          limits = { cpu = "1", memory = "512Mi" }
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
    ignore_changes = [client, client_version, template[0].template[0].containers[0].image]
  }

  depends_on = [
    google_project_iam_member.connects,
    google_secret_manager_secret_iam_member.right,
    google_secret_manager_secret_version.stand_in,
    google_sql_database.ledger,
  ]
}

resource "google_cloud_run_v2_job_iam_member" "right" {
  for_each = {
    for right in setproduct(keys(local.dispatches), ["dispatch roles/run.invoker", "build roles/run.developer"]) :
    right[1] => split(" ", right[1])
  }

  project  = var.project_id
  location = var.region
  name     = google_cloud_run_v2_job.dispatch["dispatch"].name
  role     = each.value[1]
  member   = local.members[each.value[0]]
}

resource "google_cloud_scheduler_job" "dispatch" {
  for_each = local.dispatches

  project          = var.project_id
  region           = var.region
  name             = each.value
  description      = "Starts the job that sends what is due."
  schedule         = var.dispatch_schedule
  time_zone        = "Etc/UTC"
  attempt_deadline = "60s"

  retry_config {
    retry_count = 1
  }

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/${google_cloud_run_v2_job.dispatch[each.key].id}:run"

    oauth_token {
      service_account_email = google_service_account.account["dispatch"].email
    }
  }

  depends_on = [google_cloud_run_v2_job_iam_member.right]
}
