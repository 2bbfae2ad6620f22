# The log of service and dispatcher, kept in the log bucket beyond Cloud Logging's own 30 days.

resource "google_logging_project_sink" "log" {
  project                = var.project_id
  name                   = "churn-saver-log"
  description            = "Log of service and dispatcher, for the log bucket."
  destination            = "storage.googleapis.com/${google_storage_bucket.log.name}"
  unique_writer_identity = true

  filter = join(" OR ", [
    "(resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.service_name}\")",
    "(resource.type=\"cloud_run_job\" AND resource.labels.job_name=\"${var.service_name}-dispatch\")",
  ])
}

resource "google_storage_bucket_iam_member" "log_sink" {
  bucket = google_storage_bucket.log.name
  role   = "roles/storage.objectCreator"
  member = google_logging_project_sink.log.writer_identity
}
