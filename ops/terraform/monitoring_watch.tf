# A look at a campaign once a day: the dispatcher's job with other arguments, so that a deploy changes one image.

locals {
  watched = var.watch_campaign == "" || var.dispatch_sender == "" ? {} : { watch = var.watch_campaign }
}

# Other arguments need a right of their own.
resource "google_cloud_run_v2_job_iam_member" "watch" {
  for_each = local.watched

  project  = var.project_id
  location = var.region
  name     = google_cloud_run_v2_job.dispatch["dispatch"].name
  role     = "roles/run.jobsExecutorWithOverrides"
  member   = local.members["dispatch"]
}

resource "google_cloud_scheduler_job" "watch" {
  for_each = local.watched

  project          = var.project_id
  region           = var.region
  name             = "${var.service_name}-watch"
  description      = "Starts a look at drift and outcomes of the campaign."
  schedule         = "5 6 * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "60s"

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/${google_cloud_run_v2_job.dispatch["dispatch"].id}:run"
    headers     = { "Content-Type" = "application/json" }
    body = base64encode(jsonencode({
      overrides = { containerOverrides = [{ args = ["watch", each.value, "--once", "--out", "/tmp/watch"] }] }
    }))

    oauth_token {
      service_account_email = google_service_account.account["dispatch"].email
    }
  }

  depends_on = [google_cloud_run_v2_job_iam_member.watch]
}
