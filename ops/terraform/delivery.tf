# A pull request is checked, a merge is deployed. What a pull request brings along is the code of a stranger:
# it runs as an account that may write its log and nothing else.

locals {
  repositories = var.github_repository == "" ? {} : {
    github = { owner = split("/", var.github_repository)[0], name = split("/", var.github_repository)[1] }
  }
}

resource "google_cloudbuild_trigger" "checks" {
  for_each = local.repositories

  project            = var.project_id
  location           = var.region
  name               = "churn-saver-checks"
  description        = "Pull request: lint, tests, scans."
  filename           = "ops/cloudbuild.checks.yaml"
  service_account    = google_service_account.account["check"].id
  include_build_logs = "INCLUDE_BUILD_LOGS_WITH_STATUS"

  github {
    owner = each.value.owner
    name  = each.value.name
    pull_request {
      branch          = "^${var.deploy_branch}$"
      comment_control = "COMMENTS_ENABLED_FOR_EXTERNAL_CONTRIBUTORS_ONLY"
    }
  }
}

resource "google_cloudbuild_trigger" "deploy" {
  for_each = local.repositories

  project         = var.project_id
  location        = var.region
  name            = "churn-saver-deploy"
  description     = "Merge: lint, tests, image, scans, deploy."
  filename        = "ops/cloudbuild.yaml"
  service_account = google_service_account.account["build"].id

  substitutions = {
    _REGION       = var.region
    _AR_REPO      = google_artifact_registry_repository.images.repository_id
    _SERVICE_NAME = google_cloud_run_v2_service.api.name
  }

  github {
    owner = each.value.owner
    name  = each.value.name
    push {
      branch = "^${var.deploy_branch}$"
    }
  }
}

# On the one service, not on the project: a deploy makes a revision, then asks it whether it is well.
resource "google_cloud_run_v2_service_iam_member" "build" {
  for_each = toset(["roles/run.developer", "roles/run.invoker"])

  project  = var.project_id
  location = var.region
  name     = google_cloud_run_v2_service.api.name
  role     = each.key
  member   = local.members["build"]
}
