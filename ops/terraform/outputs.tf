output "service_url" {
  description = "Where the service answers."
  value       = google_cloud_run_v2_service.api.uri
}

output "bucket_names" {
  description = "Names of the buckets: data, model, log."
  value       = local.bucket_names
}

output "service_account_emails" {
  description = "Accounts: serve, train, dispatch, build, check."
  value       = { for key, account in google_service_account.account : key => account.email }
}

output "image_repository" {
  description = "Where images are pushed to; /app:TAG and /train:TAG follow."
  value       = "${var.region}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.images.repository_id}"
}

output "database_instance" {
  description = "Connection name of the Cloud SQL instance, PROJECT:REGION:NAME; null with a database of your own."
  value       = one(google_sql_database_instance.ledger[*].connection_name)
}

output "secrets" {
  description = "Secrets that `gcloud secrets versions add` fills."
  value       = merge(local.secrets, { database_url = local.database_secret })
}
