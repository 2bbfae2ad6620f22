# The ledger. It has a public address that lets nobody in: no network is authorized, and only Google's own
# connector is let through, which asks IAM first. A private address would need a network of its own.

locals {
  # What one instance of the service opens at most: its turns, and some for probes, switches and marks.
  connections_of_an_instance = 16

  # Its log says who came and what waited, and repeats neither a statement that failed nor a key in it: those
  # name customers.
  database_flags = {
    max_connections         = tostring(var.max_instances * local.connections_of_an_instance + 20)
    log_checkpoints         = "on"
    log_connections         = "on"
    log_disconnections      = "on"
    log_lock_waits          = "on"
    log_min_error_statement = "panic"
    log_error_verbosity     = "terse"
  }
}

resource "google_sql_database_instance" "ledger" {
  count = var.cloud_sql ? 1 : 0

  project             = var.project_id
  name                = var.database_instance
  region              = var.region
  database_version    = "POSTGRES_16"
  deletion_protection = !var.allow_destroy

  settings {
    tier                        = var.database_tier
    edition                     = "ENTERPRISE"
    availability_type           = var.database_availability
    disk_type                   = "PD_SSD"
    disk_size                   = 10
    disk_autoresize             = true
    disk_autoresize_limit       = 100
    connector_enforcement       = "REQUIRED"
    deletion_protection_enabled = !var.allow_destroy

    ip_configuration {
      ipv4_enabled = true
      ssl_mode     = "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"
    }

    backup_configuration {
      enabled                        = true
      start_time                     = "03:00"
      point_in_time_recovery_enabled = true
      transaction_log_retention_days = 7
      backup_retention_settings {
        retained_backups = 14
      }
    }

    maintenance_window {
      day          = 7
      hour         = 4
      update_track = "stable"
    }

    dynamic "database_flags" {
      for_each = local.database_flags
      content {
        name  = database_flags.key
        value = database_flags.value
      }
    }
  }

  depends_on = [google_project_service.api]
}

# It goes with its instance. By itself PostgreSQL does not let it go while somebody is connected or owns tables.
resource "google_sql_database" "ledger" {
  count = var.cloud_sql ? 1 : 0

  project         = var.project_id
  name            = "churn_saver"
  instance        = google_sql_database_instance.ledger[0].name
  deletion_policy = "ABANDON"
}

# The login is made by ops/scripts/database_login.sh, which puts its password into the secret and nowhere else.
resource "google_project_iam_member" "connects" {
  for_each = var.cloud_sql ? toset(["serve", "dispatch"]) : toset([])

  project = var.project_id
  role    = "roles/cloudsql.client"
  member  = local.members[each.key]

  condition {
    title      = "the ledger alone"
    expression = "resource.name == \"projects/${var.project_id}/instances/${google_sql_database_instance.ledger[0].name}\" && resource.type == \"sqladmin.googleapis.com/Instance\""
  }
}
