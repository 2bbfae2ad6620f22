# One account for each job, and for each what it needs. Rights stand beside what they are about where that is
# a single thing; here stand the accounts, their rights on buckets and images, and those on the project.

locals {
  accounts = {
    serve    = "Serves decisions."
    train    = "Trains models."
    dispatch = "Sends messages that are due."
    build    = "Builds images and deploys them."
    check    = "Checks pull requests: code of strangers, so it may write its log and nothing else."
  }

  members = { for key, account in google_service_account.account : key => "serviceAccount:${account.email}" }

  bucket_rights = {
    "serve reads models" = { account = "serve", bucket = google_storage_bucket.model.name, role = "roles/storage.objectViewer" }
    "train reads data"   = { account = "train", bucket = google_storage_bucket.data.name, role = "roles/storage.objectViewer" }
    "train keeps models" = { account = "train", bucket = google_storage_bucket.model.name, role = "roles/storage.objectAdmin" }
  }

  # Each is as wide as the project because Google has nothing narrower for it.
  project_rights = {
    "train runs jobs"      = { account = "train", role = "roles/aiplatform.user" }
    "train writes its log" = { account = "train", role = "roles/logging.logWriter" }
    "build writes its log" = { account = "build", role = "roles/logging.logWriter" }
    "check writes its log" = { account = "check", role = "roles/logging.logWriter" }
  }
}

resource "google_service_account" "account" {
  for_each = local.accounts

  project      = var.project_id
  account_id   = "churn-saver-${each.key}"
  display_name = "Churn-Saver ${each.key}"
  description  = each.value

  depends_on = [google_project_service.api]
}

resource "google_storage_bucket_iam_member" "right" {
  for_each = local.bucket_rights

  bucket = each.value.bucket
  role   = each.value.role
  member = local.members[each.value.account]
}

resource "google_project_iam_member" "right" {
  for_each = local.project_rights

  project = var.project_id
  role    = each.value.role
  member  = local.members[each.value.account]
}

# `gcloud builds submit` leaves the source in a bucket that it makes itself at its first use.
resource "google_project_iam_member" "build_source" {
  project = var.project_id
  role    = "roles/storage.objectViewer"
  member  = local.members["build"]

  condition {
    title      = "source of builds"
    expression = "resource.name.startsWith(\"projects/_/buckets/${var.project_id}_cloudbuild/\")"
  }
}

resource "google_artifact_registry_repository_iam_member" "build_pushes" {
  project    = var.project_id
  location   = var.region
  repository = google_artifact_registry_repository.images.repository_id
  role       = "roles/artifactregistry.writer"
  member     = local.members["build"]
}

# Deploying a revision that runs as an account takes the right to act as it.
resource "google_service_account_iam_member" "build_acts_as" {
  for_each = toset(["serve", "dispatch"])

  service_account_id = "projects/${var.project_id}/serviceAccounts/${google_service_account.account[each.key].email}"
  role               = "roles/iam.serviceAccountUser"
  member             = local.members["build"]
}

# The smoke test of a deploy asks the revision that is tried with an identity token of the account's own.
resource "google_service_account_iam_member" "build_says_who_it_is" {
  service_account_id = "projects/${var.project_id}/serviceAccounts/${google_service_account.account["build"].email}"
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = local.members["build"]
}
