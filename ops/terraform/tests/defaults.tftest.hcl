# What two variables give: private, scaled to zero, ten instances at most, three buckets that age as documented.

mock_provider "google" {}

variables {
  project_id = "my-project"
  region     = "europe-west1"
}

run "private" {
  command = plan

  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.public) == 0
    error_message = "Everybody may call a service that nobody opened."
  }

  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.invoker) == 0
    error_message = "Somebody may call a service who was not named."
  }

  assert {
    condition = alltrue([
      for bucket in [google_storage_bucket.data, google_storage_bucket.model, google_storage_bucket.log] :
      bucket.public_access_prevention == "enforced" && bucket.uniform_bucket_level_access
    ])
    error_message = "A bucket can be made public, or has rights on single objects."
  }

  assert {
    condition = one([
      for variable in google_cloud_run_v2_service.api.template[0].containers[0].env :
      variable.value if variable.name == "AUTH_MODE"
    ]) == "iam"
    error_message = "AUTH_MODE is not iam behind Cloud Run's own door."
  }
}

run "scales_to_zero_and_to_ten" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.api.template[0].scaling[0].min_instance_count == 0
    error_message = "An instance waits and is paid for without a request."
  }

  assert {
    condition     = google_cloud_run_v2_service.api.template[0].scaling[0].max_instance_count == 10
    error_message = "Another number of instances than the documented ten."
  }

  assert {
    condition = (
      google_cloud_run_v2_service.api.template[0].containers[0].startup_probe[0].http_get[0].path == "/readyz"
      && google_cloud_run_v2_service.api.template[0].containers[0].liveness_probe[0].http_get[0].path == "/healthz"
    )
    error_message = "The probes ask something else than /readyz at the start and /healthz later."
  }
}

run "documented_names" {
  command = plan

  assert {
    condition = output.bucket_names == {
      data  = "my-project-churn-data"
      model = "my-project-churn-models"
      log   = "my-project-churn-logs"
    }
    error_message = "Buckets have other names than documented."
  }

  assert {
    condition     = google_cloud_run_v2_service.api.name == "churn-retain-api" && google_cloud_run_v2_service.api.location == "europe-west1"
    error_message = "The service has another name, or is elsewhere."
  }

  assert {
    condition     = output.image_repository == "europe-west1-docker.pkg.dev/my-project/churn-saver-repo"
    error_message = "Images go somewhere else than documented."
  }
}

run "logs_age" {
  command = plan

  assert {
    condition = [
      for rule in google_storage_bucket.log.lifecycle_rule :
      "${one(rule.action).type} ${one(rule.condition).age}"
    ] == ["SetStorageClass 90", "Delete 365"]
    error_message = "Logs are not archived at 90 days and deleted at 365."
  }

  assert {
    condition     = one(google_storage_bucket.log.lifecycle_rule[0].action).storage_class == "ARCHIVE"
    error_message = "Logs are archived in another class."
  }
}

run "nothing_runs_by_itself" {
  command = plan

  assert {
    condition     = length(google_cloud_run_v2_job.dispatch) + length(google_cloud_scheduler_job.dispatch) == 0
    error_message = "Messages are sent without a sender."
  }

  assert {
    condition     = length(google_cloudbuild_trigger.checks) + length(google_cloudbuild_trigger.deploy) == 0
    error_message = "Something is built without a repository."
  }
}
