# Nothing that holds anything goes by a slip.

mock_provider "google" {}

variables {
  project_id      = "my-project"
  dispatch_sender = "https://crm.example/hook"
  watch_campaign  = "spring"
  watch_image     = "us-central1-docker.pkg.dev/my-project/churn-saver-repo/train:latest"
}

run "guarded" {
  command = plan

  assert {
    condition = (
      google_cloud_run_v2_service.api.deletion_protection
      && google_cloud_run_v2_job.dispatch["dispatch"].deletion_protection
      && google_cloud_run_v2_job.watch["watch"].deletion_protection
      && google_sql_database_instance.ledger[0].deletion_protection
      && google_sql_database_instance.ledger[0].settings[0].deletion_protection_enabled
    )
    error_message = "Service, a job or database can be deleted by a slip."
  }

  assert {
    condition = !anytrue([
      for bucket in [google_storage_bucket.data, google_storage_bucket.model, google_storage_bucket.log] : bucket.force_destroy
    ])
    error_message = "A full bucket can be deleted by a slip."
  }
}

run "unguarded_when_asked" {
  command = plan

  variables {
    allow_destroy = true
  }

  assert {
    condition     = google_sql_database.ledger[0].deletion_policy == "ABANDON"
    error_message = "A destroy asks PostgreSQL to drop a database that somebody uses, and stops there."
  }

  assert {
    condition = !anytrue([
      google_cloud_run_v2_service.api.deletion_protection,
      google_cloud_run_v2_job.dispatch["dispatch"].deletion_protection,
      google_cloud_run_v2_job.watch["watch"].deletion_protection,
      google_sql_database_instance.ledger[0].deletion_protection,
      google_sql_database_instance.ledger[0].settings[0].deletion_protection_enabled,
    ])
    error_message = "Something stays that was to be deleted."
  }

  assert {
    condition = alltrue([
      for bucket in [google_storage_bucket.data, google_storage_bucket.model, google_storage_bucket.log] : bucket.force_destroy
    ])
    error_message = "A full bucket stays that was to be deleted."
  }
}
