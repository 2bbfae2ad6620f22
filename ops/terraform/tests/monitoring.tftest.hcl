# Who hears of an alert, and when a look is taken.

mock_provider "google" {}

variables {
  project_id = "my-project"
}

run "nobody_is_told_by_default" {
  command = plan

  assert {
    condition     = length(local.channels) == 0
    error_message = "Somebody is told although nobody was named."
  }

  assert {
    condition     = length(google_monitoring_alert_policy.alert) == length(local.alerts) && length(local.alerts) >= 6
    error_message = "An alert is missing."
  }

  assert {
    condition     = length(google_cloud_scheduler_job.watch) + length(google_cloud_run_v2_job.watch) == 0
    error_message = "A look is taken although no campaign was named."
  }
}

run "an_address_a_channel_and_one_that_exists" {
  command = plan

  variables {
    alert_email        = "ops@example.com"
    slack_channel      = "#alerts"
    slack_token_secret = "slack-token"
    alert_channels     = ["projects/my-project/notificationChannels/123"]
  }

  assert {
    condition     = google_monitoring_notification_channel.email["email"].labels.email_address == "ops@example.com"
    error_message = "Alerts go to another address."
  }

  assert {
    condition     = google_monitoring_notification_channel.slack["slack"].labels.channel_name == "#alerts"
    error_message = "Alerts go to another channel."
  }

  assert {
    condition     = length(local.channels) == 3 && contains(local.channels, "projects/my-project/notificationChannels/123")
    error_message = "A channel is not told."
  }
}

run "a_look_once_a_day" {
  command = plan

  variables {
    watch_campaign = "spring"
    watch_image    = "us-central1-docker.pkg.dev/my-project/churn-saver-repo/train:latest"
  }

  assert {
    condition     = google_cloud_run_v2_job.watch["watch"].name == "churn-retain-api-watch"
    error_message = "The job has another name than the one that its metrics are chosen by."
  }

  assert {
    condition = (
      google_cloud_run_v2_job.watch["watch"].template[0].template[0].containers[0].args
      == tolist(["watch", "spring", "--once", "--out", "/tmp/watch"])
    )
    error_message = "The job is started with other arguments."
  }

  assert {
    condition = (
      google_cloud_run_v2_job.watch["watch"].template[0].template[0].containers[0].image
      == "us-central1-docker.pkg.dev/my-project/churn-saver-repo/train:latest"
    )
    error_message = "The job runs another image than the one that was named."
  }

  assert {
    condition     = google_cloud_run_v2_job.watch["watch"].template[0].template[0].containers[0].resources[0].limits.memory == "2Gi"
    error_message = "The job has another memory than 2 GiB."
  }

  assert {
    condition     = google_cloud_run_v2_job.watch["watch"].template[0].template[0].containers[0].volume_mounts[0].mount_path == "/cloudsql"
    error_message = "The job does not reach the database."
  }

  assert {
    condition     = google_cloud_run_v2_job_iam_member.watch["watch"].role == "roles/run.invoker"
    error_message = "The job may not be started, or more than that may be done with it."
  }

  assert {
    condition     = google_cloud_scheduler_job.watch["watch"].http_target[0].body == null
    error_message = "The job is started with overrides, which its right does not allow."
  }
}

run "a_channel_without_a_token" {
  command = plan

  variables {
    slack_channel = "#alerts"
  }

  expect_failures = [var.slack_channel]
}

run "a_look_without_an_image" {
  command = plan

  variables {
    watch_campaign = "spring"
  }

  expect_failures = [var.watch_campaign]
}

run "an_image_without_a_tag" {
  command = plan

  variables {
    watch_campaign = "spring"
    watch_image    = "us-central1-docker.pkg.dev/my-project/churn-saver-repo/train"
  }

  expect_failures = [var.watch_image]
}

run "no_address" {
  command = plan

  variables {
    alert_email = "ops at example.com"
  }

  expect_failures = [var.alert_email]
}

run "another_kind_of_channel" {
  command = plan

  variables {
    alert_channels = ["#alerts"]
  }

  expect_failures = [var.alert_channels]
}
