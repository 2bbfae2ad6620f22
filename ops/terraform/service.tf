# The service: no instance without a request, ten at most, private unless somebody asked for the opposite.

locals {
  # What runs until the first deploy: they answer, and end, and do nothing.
  service_image  = coalesce(var.image, "us-docker.pkg.dev/cloudrun/container/hello")
  dispatch_image = coalesce(var.image, "us-docker.pkg.dev/cloudrun/container/job")

  # Behind IAM whoever arrives may decide. Where everybody arrives, the service has to ask for a key itself.
  auth_mode = var.allow_public ? "keys" : "iam"

  service_variables = merge(
    {
      AUTH_MODE      = local.auth_mode
      FORCE_BASELINE = tostring(var.force_baseline)
      GCP_PROJECT_ID = var.project_id
      SERVICE_NAME   = var.service_name
    },
    var.model_release == "" ? {} : {
      GCS_MODEL_BUCKET = google_storage_bucket.model.name
      MODEL_RELEASE    = var.model_release
    },
  )

  service_secrets = {
    API_KEYS     = google_secret_manager_secret.secret["api_keys"].secret_id
    DATABASE_URL = local.database_secret
  }
}

resource "google_cloud_run_v2_service" "api" {
  project             = var.project_id
  name                = var.service_name
  location            = var.region
  description         = "Churn-Saver: whom to contact, with which offer, when."
  ingress             = "INGRESS_TRAFFIC_ALL"
  deletion_protection = !var.allow_destroy

  template {
    service_account                  = google_service_account.account["serve"].email
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"
    max_instance_request_concurrency = var.concurrency
    timeout                          = "240s" # above three times table_deadline_seconds of serve.yaml

    scaling {
      min_instance_count = var.min_instances
      max_instance_count = var.max_instances
    }

    containers {
      image = local.service_image

      ports {
        container_port = 8080
      }

      resources {
        limits            = { cpu = tostring(var.cpu), memory = var.memory }
        cpu_idle          = true
        startup_cpu_boost = true
      }

      # A minute: the first start migrates the ledger, and loads a release.
      startup_probe {
        period_seconds    = 2
        timeout_seconds   = 2
        failure_threshold = 30
        http_get {
          path = "/readyz"
        }
      }

      liveness_probe {
        period_seconds    = 30
        timeout_seconds   = 5
        failure_threshold = 3
        http_get {
          path = "/healthz"
        }
      }

      dynamic "env" {
        for_each = local.service_variables
        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = local.service_secrets
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = env.value
              version = "latest"
            }
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

  # Terraform says how the service runs, a deploy says which image runs and who gets the traffic. The name of the
  # last revision is not kept: a change that bears it is refused, since that revision is there already.
  lifecycle {
    ignore_changes = [
      client,
      client_version,
      template[0].containers[0].image,
      traffic,
    ]
  }

  # Not before it may read what it needs. A destroy goes the other way: where the service may not be deleted,
  # all that stands here stays too.
  depends_on = [
    google_project_iam_member.connects,
    google_secret_manager_secret_iam_member.right,
    google_secret_manager_secret_version.stand_in,
    google_sql_database.ledger,
    google_storage_bucket.data,
    google_storage_bucket.log,
    google_storage_bucket_iam_member.right,
  ]
}

resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = var.invokers

  project  = var.project_id
  location = var.region
  name     = google_cloud_run_v2_service.api.name
  role     = "roles/run.invoker"
  member   = each.key
}

resource "google_cloud_run_v2_service_iam_member" "public" {
  count = var.allow_public ? 1 : 0

  project  = var.project_id
  location = var.region
  name     = google_cloud_run_v2_service.api.name
  role     = "roles/run.invoker"
  member   = "allUsers"
}
