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
    condition     = length(google_cloud_scheduler_job.watch) == 0
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
    dispatch_sender = "https://crm.example/hook"
    watch_campaign  = "spring"
  }

  assert {
    condition = (
      jsondecode(base64decode(google_cloud_scheduler_job.watch["watch"].http_target[0].body)).overrides.containerOverrides[0].args
      == ["watch", "spring", "--once", "--out", "/tmp/watch"]
    )
    error_message = "The job is started with other arguments."
  }

  assert {
    condition     = google_cloud_run_v2_job_iam_member.watch["watch"].role == "roles/run.jobsExecutorWithOverrides"
    error_message = "The job may not be started with other arguments."
  }
}

run "a_channel_without_a_token" {
  command = plan

  variables {
    slack_channel = "#alerts"
  }

  expect_failures = [var.slack_channel]
}

run "a_look_without_a_job" {
  command = plan

  variables {
    watch_campaign = "spring"
  }

  expect_failures = [var.watch_campaign]
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
