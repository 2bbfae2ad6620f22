# Bad variables are refused before anything is made, each by its own name.

mock_provider "google" {}

variables {
  project_id = "my-project"
}

run "project_id" {
  command = plan

  variables {
    project_id = "My Project"
  }

  expect_failures = [var.project_id]
}

run "a_zone" {
  command = plan

  variables {
    region = "us-central1-a"
  }

  expect_failures = [var.region]
}

run "a_bucket_with_its_scheme" {
  command = plan

  variables {
    data_bucket = "gs://my-data"
  }

  expect_failures = [var.data_bucket]
}

run "a_bucket_in_capitals" {
  command = plan

  variables {
    model_bucket = "Models"
  }

  expect_failures = [var.model_bucket]
}

run "a_bucket_too_short" {
  command = plan

  variables {
    log_bucket = "lo"
  }

  expect_failures = [var.log_bucket]
}

run "no_days" {
  command = plan

  variables {
    log_archive_days = 0
  }

  expect_failures = [var.log_archive_days]
}

run "deleted_before_archived" {
  command = plan

  variables {
    log_delete_days = 90
  }

  expect_failures = [var.log_delete_days]
}

run "a_repository_with_a_slash" {
  command = plan

  variables {
    repository = "a/b"
  }

  expect_failures = [var.repository]
}

run "a_service_in_capitals" {
  command = plan

  variables {
    service_name = "Churn"
  }

  expect_failures = [var.service_name]
}

run "a_service_beside_whose_name_no_tag_fits" {
  command = plan

  variables {
    service_name = "a2345678901234567890123456789012345"
  }

  expect_failures = [var.service_name]
}

run "an_image_of_elsewhere" {
  command = plan

  variables {
    image = "docker.io/library/python:3.11"
  }

  expect_failures = [var.image]
}

run "more_than_ten_instances" {
  command = plan

  variables {
    max_instances = 11
  }

  expect_failures = [var.max_instances]
}

run "half_an_instance" {
  command = plan

  variables {
    min_instances = 0.5
  }

  expect_failures = [var.min_instances]
}

run "three_cores" {
  command = plan

  variables {
    cpu = 3
  }

  expect_failures = [var.cpu]
}

run "memory_without_a_unit" {
  command = plan

  variables {
    memory = "1024"
  }

  expect_failures = [var.memory]
}

run "more_memory_than_one_core_takes" {
  command = plan

  variables {
    memory = "8Gi"
  }

  expect_failures = [var.memory]
}

run "less_memory_than_eight_cores_need" {
  command = plan

  variables {
    cpu    = 8
    memory = "2Gi"
  }

  expect_failures = [var.memory]
}

run "more_requests_than_it_takes_on" {
  command = plan

  variables {
    concurrency = 73
  }

  expect_failures = [var.concurrency]
}

run "a_release_with_a_slash" {
  command = plan

  variables {
    model_release = "../secret"
  }

  expect_failures = [var.model_release]
}

run "an_instance_in_capitals" {
  command = plan

  variables {
    database_instance = "Ledger"
  }

  expect_failures = [var.database_instance]
}

run "an_unknown_machine" {
  command = plan

  variables {
    database_tier = "n1-standard-1"
  }

  expect_failures = [var.database_tier]
}

run "an_unknown_availability" {
  command = plan

  variables {
    database_availability = "GLOBAL"
  }

  expect_failures = [var.database_availability]
}

run "a_sender_without_tls" {
  command = plan

  variables {
    dispatch_sender = "http://crm.example/hook"
  }

  expect_failures = [var.dispatch_sender]
}

run "a_password_in_the_sender" {
  command = plan

  variables {
    dispatch_sender = "https://me:secret@crm.example/hook"
  }

  expect_failures = [var.dispatch_sender]
}

run "a_schedule_of_four_fields" {
  command = plan

  variables {
    dispatch_schedule = "* * * *"
  }

  expect_failures = [var.dispatch_schedule]
}

run "a_repository_without_its_owner" {
  command = plan

  variables {
    github_repository = "churn-saver"
  }

  expect_failures = [var.github_repository]
}

run "a_branch_with_a_pattern" {
  command = plan

  variables {
    deploy_branch = ".*"
  }

  expect_failures = [var.deploy_branch]
}

run "one_bucket_for_two" {
  command = plan

  variables {
    data_bucket  = "my-bucket"
    model_bucket = "my-bucket"
  }

  expect_failures = [google_storage_bucket.data]
}
