# Public only when asked, and then behind keys: behind IAM alone whoever arrives may decide.

mock_provider "google" {}

variables {
  project_id = "my-project"
}

run "public_when_asked" {
  command = plan

  variables {
    allow_public = true
  }

  assert {
    condition     = google_cloud_run_v2_service_iam_member.public[0].member == "allUsers"
    error_message = "Somebody else than everybody was let in."
  }

  assert {
    condition = one([
      for variable in google_cloud_run_v2_service.api.template[0].containers[0].env :
      variable.value if variable.name == "AUTH_MODE"
    ]) == "keys"
    error_message = "Everybody may reach the service, and it asks nobody for a key."
  }
}

run "whoever_is_named" {
  command = plan

  variables {
    invokers = ["serviceAccount:crm@my-project.iam.gserviceaccount.com", "group:care@example.com"]
  }

  assert {
    condition     = alltrue([for right in google_cloud_run_v2_service_iam_member.invoker : right.role == "roles/run.invoker"])
    error_message = "Callers have another right than to call."
  }

  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.invoker) == 2
    error_message = "Others than those who were named may call."
  }
}

run "everybody_is_no_invoker" {
  command = plan

  variables {
    invokers = ["allUsers"]
  }

  expect_failures = [var.invokers]
}

run "nor_is_every_account_of_google" {
  command = plan

  variables {
    invokers = ["allAuthenticatedUsers"]
  }

  expect_failures = [var.invokers]
}
