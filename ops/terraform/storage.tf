# Three buckets: prepared data, models, log. None can be made public, not even by mistake.

locals {
  bucket_names = {
    data  = coalesce(var.data_bucket, "${var.project_id}-churn-data")
    model = coalesce(var.model_bucket, "${var.project_id}-churn-models")
    log   = coalesce(var.log_bucket, "${var.project_id}-churn-logs")
  }
}

resource "google_storage_bucket" "data" {
  project  = var.project_id
  name     = local.bucket_names.data
  location = var.region

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = var.allow_destroy

  versioning {
    enabled = true
  }

  # Customers are in it: what was replaced is gone after a month.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 30
      with_state                 = "ARCHIVED"
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 7
    }
  }

  lifecycle {
    precondition {
      condition     = length(distinct(values(local.bucket_names))) == 3
      error_message = "data_bucket, model_bucket and log_bucket are not three different names: each has a lifecycle of its own."
    }
  }

  depends_on = [google_project_service.api]
}

# Trees are written once; versions keep which release was current when.
resource "google_storage_bucket" "model" {
  project  = var.project_id
  name     = local.bucket_names.model
  location = var.region

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = var.allow_destroy

  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 90
      num_newer_versions         = 5
      with_state                 = "ARCHIVED"
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 7
    }
  }

  depends_on = [google_project_service.api]
}

# No versions: a log file is written once, and its end is fixed.
resource "google_storage_bucket" "log" {
  project  = var.project_id
  name     = local.bucket_names.log
  location = var.region

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = var.allow_destroy

  lifecycle_rule {
    action {
      type          = "SetStorageClass"
      storage_class = "ARCHIVE"
    }
    condition {
      age = var.log_archive_days
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = var.log_delete_days
    }
  }

  depends_on = [google_project_service.api]
}
