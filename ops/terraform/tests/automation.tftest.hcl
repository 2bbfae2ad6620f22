# What runs by itself: the dispatcher with a sender, Cloud Build with a repository.

mock_provider "google" {}

variables {
  project_id        = "my-project"
  dispatch_sender   = "https://crm.example/hook"
  github_repository = "me/churn-saver"
}

run "dispatcher" {
  command = plan

  assert {
    condition = google_cloud_run_v2_job.dispatch["dispatch"].template[0].template[0].containers[0].args == tolist([
      "dispatch", "--once", "--sender", "https://crm.example/hook",
      "--token-from", "projects/my-project/secrets/churn-saver-sender-token/versions/latest",
    ])
    error_message = "The job runs another command."
  }

  assert {
    condition     = google_cloud_scheduler_job.dispatch["dispatch"].schedule == "*/15 * * * *"
    error_message = "The job is started at other times than documented."
  }
}

run "dispatcher_without_a_token" {
  command = plan

  variables {
    dispatch_token = false
  }

  assert {
    condition     = !contains(google_cloud_run_v2_job.dispatch["dispatch"].template[0].template[0].containers[0].args, "--token-from")
    error_message = "A token is asked for that was not wanted."
  }
}

run "triggers" {
  command = plan

  assert {
    condition = (
      google_cloudbuild_trigger.checks["github"].filename == "ops/cloudbuild.checks.yaml"
      && google_cloudbuild_trigger.checks["github"].github[0].pull_request[0].branch == "^main$"
    )
    error_message = "A pull request against main is not checked."
  }

  assert {
    condition = (
      google_cloudbuild_trigger.deploy["github"].filename == "ops/cloudbuild.yaml"
      && google_cloudbuild_trigger.deploy["github"].github[0].push[0].branch == "^main$"
    )
    error_message = "A merge into main is not deployed."
  }

  assert {
    condition     = google_cloudbuild_trigger.deploy["github"].github[0].owner == "me" && google_cloudbuild_trigger.deploy["github"].github[0].name == "churn-saver"
    error_message = "Another repository is built."
  }
}

run "released_models" {
  command = plan

  variables {
    model_release = "current"
  }

  assert {
    condition = {
      for variable in google_cloud_run_v2_service.api.template[0].containers[0].env : variable.name => variable.value
      if contains(["GCS_MODEL_BUCKET", "MODEL_RELEASE"], variable.name)
    } == { GCS_MODEL_BUCKET = "my-project-churn-models", MODEL_RELEASE = "current" }
    error_message = "The service is not told which models to load."
  }
}
