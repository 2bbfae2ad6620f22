# The ledger has exactly one database, and the instances fit into it.

mock_provider "google" {}

variables {
  project_id = "my-project"
}

run "cloud_sql_by_default" {
  command = plan

  assert {
    condition     = google_sql_database_instance.ledger[0].database_version == "POSTGRES_16"
    error_message = "The ledger is not in PostgreSQL 16."
  }

  assert {
    condition = (
      google_sql_database_instance.ledger[0].settings[0].connector_enforcement == "REQUIRED"
      && length(google_sql_database_instance.ledger[0].settings[0].ip_configuration[0].authorized_networks) == 0
    )
    error_message = "The database can be reached without Google's connector."
  }

  assert {
    condition     = google_sql_database_instance.ledger[0].settings[0].backup_configuration[0].point_in_time_recovery_enabled
    error_message = "The ledger cannot be brought back to a moment."
  }

  # 8 turns that decide and 2 of each of the four kinds beside them, of ten instances, and 20 for people.
  assert {
    condition     = one([for flag in google_sql_database_instance.ledger[0].settings[0].database_flags : flag.value if flag.name == "max_connections"]) == "180"
    error_message = "The database does not take the connections of ten instances."
  }

  assert {
    condition     = google_cloud_run_v2_service.api.template[0].containers[0].volume_mounts[0].mount_path == "/cloudsql"
    error_message = "The service does not reach the database."
  }
}

run "a_database_of_your_own" {
  command = plan

  variables {
    cloud_sql           = false
    database_url_secret = "my-ledger"
  }

  assert {
    condition     = length(google_sql_database_instance.ledger) + length(google_sql_database.ledger) == 0
    error_message = "A second database is made."
  }

  assert {
    condition = one([
      for variable in google_cloud_run_v2_service.api.template[0].containers[0].env :
      variable.value_source[0].secret_key_ref[0].secret if variable.name == "DATABASE_URL"
    ]) == "my-ledger"
    error_message = "DATABASE_URL comes from another secret than the one that was named."
  }

  assert {
    condition     = google_secret_manager_secret_iam_member.right["serve reads DATABASE_URL"].secret_id == "my-ledger"
    error_message = "The service may not read the secret that was named."
  }

  assert {
    condition     = length(google_cloud_run_v2_service.api.template[0].volumes) == 0
    error_message = "The service waits for a database that is not there."
  }

  assert {
    condition     = output.secrets.database_url == "my-ledger"
    error_message = "The output names another secret."
  }
}

run "not_both" {
  command = plan

  variables {
    database_url_secret = "my-ledger"
  }

  expect_failures = [var.database_url_secret]
}

run "not_neither" {
  command = plan

  variables {
    cloud_sql = false
  }

  expect_failures = [var.database_url_secret]
}

run "not_the_url_itself" {
  command = plan

  variables {
    cloud_sql           = false
    database_url_secret = "postgresql://user:password@host/name"
  }

  expect_failures = [var.database_url_secret]
}

run "ten_instances_do_not_fit_into_the_smallest" {
  command = plan

  variables {
    database_tier = "db-f1-micro"
  }

  expect_failures = [var.database_tier]
}

run "two_do" {
  command = plan

  variables {
    database_tier = "db-f1-micro"
    max_instances = 2
  }

  assert {
    condition     = google_sql_database_instance.ledger[0].settings[0].tier == "db-f1-micro"
    error_message = "Another machine than the one that was asked for."
  }
}
