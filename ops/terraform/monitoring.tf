# What is measured, shown and alerted about. Alerts and dashboard are data in monitoring/*.json, in the words of
# Google's own API; docs/runbook.md has an entry for each alert.

locals {
  # Every place that a template of monitoring/ may leave open.
  monitored = {
    service_name   = var.service_name
    job_name       = "${var.service_name}-dispatch"
    watch_job_name = "${var.service_name}-watch"
    project_id     = var.project_id
  }

  alerts = {
    for alert in jsondecode(templatefile("${path.module}/monitoring/alerts.json", local.monitored)) :
    alert.userLabels.alert => alert
  }

  channels = concat(
    [for channel in google_monitoring_notification_channel.email : channel.name],
    [for channel in google_monitoring_notification_channel.slack : channel.name],
    tolist(var.alert_channels),
  )
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.alert_email == "" ? {} : { email = var.alert_email }

  project      = var.project_id
  display_name = "Churn-Saver alerts by email"
  type         = "email"
  labels       = { email_address = each.value }

  depends_on = [google_project_service.api]
}

data "google_secret_manager_secret_version" "slack_token" {
  for_each = var.slack_token_secret == "" ? {} : { slack = var.slack_token_secret }

  project = var.project_id
  secret  = each.value
}

resource "google_monitoring_notification_channel" "slack" {
  for_each = var.slack_channel == "" ? {} : { slack = var.slack_channel }

  project      = var.project_id
  display_name = "Churn-Saver alerts in Slack"
  type         = "slack"
  labels       = { channel_name = each.value }

  sensitive_labels {
    auth_token = data.google_secret_manager_secret_version.slack_token[each.key].secret_data
  }

  depends_on = [google_project_service.api]
}

resource "google_monitoring_alert_policy" "alert" {
  for_each = local.alerts

  project               = var.project_id
  display_name          = each.value.displayName
  combiner              = each.value.combiner
  severity              = each.value.severity
  user_labels           = each.value.userLabels
  notification_channels = local.channels

  dynamic "conditions" {
    for_each = each.value.conditions
    content {
      display_name = conditions.value.displayName

      condition_prometheus_query_language {
        query                     = conditions.value.conditionPrometheusQueryLanguage.query
        duration                  = conditions.value.conditionPrometheusQueryLanguage.duration
        evaluation_interval       = conditions.value.conditionPrometheusQueryLanguage.evaluationInterval
        rule_group                = conditions.value.conditionPrometheusQueryLanguage.ruleGroup
        alert_rule                = conditions.value.conditionPrometheusQueryLanguage.alertRule
        disable_metric_validation = conditions.value.conditionPrometheusQueryLanguage.disableMetricValidation
      }
    }
  }

  documentation {
    content   = each.value.documentation.content
    mime_type = each.value.documentation.mimeType
    subject   = each.value.documentation.subject
  }

  alert_strategy {
    auto_close = each.value.alertStrategy.autoClose
  }

  depends_on = [google_logging_metric.metric]
}

resource "google_monitoring_dashboard" "dashboard" {
  project        = var.project_id
  dashboard_json = templatefile("${path.module}/monitoring/dashboard.json", local.monitored)

  depends_on = [google_logging_metric.metric]
}
