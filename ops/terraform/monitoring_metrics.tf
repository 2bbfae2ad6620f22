# Metrics that are made of the log: lines of the service (answered), of the dispatcher (dispatched, outbox, budget)
# and of the job that looks (looked, drift, decile). docs/metrics.md has every field. A label holds a route, a name
# or a rung, never a person.

locals {
  of_service = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.service_name}\""
  of_sending = "resource.type=\"cloud_run_job\" AND resource.labels.job_name=\"${local.monitored.job_name}\""
  of_looks   = "resource.type=\"cloud_run_job\" AND resource.labels.job_name=\"${local.monitored.watch_job_name}\""
  answered   = "${local.of_service} AND jsonPayload.message=\"answered\""

  # Milliseconds; 500 is what is promised for 95 of 100 decisions.
  latency_ms = [5, 10, 25, 50, 100, 150, 250, 500, 1000, 2500, 5000, 10000]
  counts     = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000]
  shares     = [for step in range(1, 100) : step / 100]
  distances  = [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.5, 1, 2]
  seconds    = [0, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400]

  # `value` is the field that a distribution is made of; without one, lines are counted.
  log_metrics = {
    errors     = { filter = "${local.answered} AND jsonPayload.status>=500", labels = ["route"], text = "Requests answered 5xx." }
    latency    = { filter = "${local.answered} AND (jsonPayload.route=\"/predict\" OR jsonPayload.route=\"/retain\")", labels = ["route"], value = "ms", unit = "ms", bounds = local.latency_ms, text = "Time of a decision." }
    contacts   = { filter = "${local.answered} AND jsonPayload.contacts>=0", labels = ["route"], value = "contacts", unit = "1", bounds = local.counts, text = "Contacts that a request decided." }
    no_ledger  = { filter = "${local.answered} AND jsonPayload.degraded:\"ledger_unavailable\"", labels = ["route"], text = "Answers that were made without the ledger." }
    messages   = { filter = "${local.of_sending} AND jsonPayload.message=\"dispatched\"", labels = ["result"], text = "Messages by what became of them." }
    violations = { filter = "${local.of_sending} AND jsonPayload.message=\"dispatched\" AND jsonPayload.result=\"unsafe\"", labels = [], text = "Texts that the shield stopped as they were about to go out." }
    lag        = { filter = "${local.of_sending} AND jsonPayload.message=\"outbox\"", labels = [], value = "lag_seconds", unit = "s", bounds = local.seconds, text = "How far sending lags behind." }
    free_share = { filter = "${local.of_sending} AND jsonPayload.message=\"budget\"", labels = ["campaign"], value = "free_share", unit = "1", bounds = local.shares, text = "Free budget over the limit." }
    alarms     = { filter = "${local.of_looks} AND jsonPayload.message=\"looked\"", labels = ["campaign"], value = "alarms", unit = "1", bounds = local.counts, text = "Things that are off in a campaign." }
    psi        = { filter = "${local.of_looks} AND jsonPayload.message=\"drift\"", labels = ["campaign", "column"], value = "psi", unit = "1", bounds = local.distances, text = "Population stability index of a column." }
    predicted  = { filter = "${local.of_looks} AND jsonPayload.message=\"decile\"", labels = ["campaign", "score", "part"], value = "predicted", unit = "1", bounds = local.shares, text = "Mean prediction of a decile." }
    happened   = { filter = "${local.of_looks} AND jsonPayload.message=\"decile\"", labels = ["campaign", "score", "part"], value = "happened", unit = "1", bounds = local.shares, text = "Share of a decile that happened." }
  }
}

resource "google_logging_metric" "metric" {
  for_each = local.log_metrics

  project          = var.project_id
  name             = "churn_saver_${each.key}"
  description      = each.value.text
  filter           = each.value.filter
  value_extractor  = can(each.value.value) ? "EXTRACT(jsonPayload.${each.value.value})" : null
  label_extractors = { for label in each.value.labels : label => "EXTRACT(jsonPayload.${label})" }

  metric_descriptor {
    metric_kind  = "DELTA"
    value_type   = can(each.value.value) ? "DISTRIBUTION" : "INT64"
    unit         = try(each.value.unit, "1")
    display_name = each.value.text

    dynamic "labels" {
      for_each = each.value.labels
      content {
        key        = labels.value
        value_type = "STRING"
      }
    }
  }

  dynamic "bucket_options" {
    for_each = can(each.value.value) ? [each.value.bounds] : []
    content {
      explicit_buckets {
        bounds = bucket_options.value
      }
    }
  }

  depends_on = [google_project_service.api]
}
