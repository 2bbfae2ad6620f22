# Where, and under which names. The service, the database and the automation have files of their own.

variable "project_id" {
  description = "Project that everything is made in; it exists and has billing."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id is not the id of a project, wanted 6 to 30 of a-z, 0-9 and '-', as `gcloud projects list` shows it."
  }
}

variable "region" {
  description = "Region of service, database, images and buckets."
  type        = string
  default     = "us-central1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]{1,2}$", var.region))
    error_message = "region is not a region, wanted one such as us-central1; a zone (us-central1-a) is too narrow."
  }
}

variable "data_bucket" {
  description = "Bucket of prepared data; empty: PROJECT-churn-data."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]$", var.data_bucket))
    error_message = "data_bucket is not the name of a bucket, wanted 3 to 63 of a-z, 0-9, '-' and '_', without gs://."
  }
}

variable "model_bucket" {
  description = "Bucket of releases and of what training makes; empty: PROJECT-churn-models."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]$", var.model_bucket))
    error_message = "model_bucket is not the name of a bucket, wanted 3 to 63 of a-z, 0-9, '-' and '_', without gs://."
  }
}

variable "log_bucket" {
  description = "Bucket that the log is kept in; empty: PROJECT-churn-logs."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]$", var.log_bucket))
    error_message = "log_bucket is not the name of a bucket, wanted 3 to 63 of a-z, 0-9, '-' and '_', without gs://."
  }
}

variable "log_archive_days" {
  description = "Age in days at which a log file moves to the archive class."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.log_archive_days >= 1 && floor(var.log_archive_days) == var.log_archive_days
    error_message = "log_archive_days is not a number of days, wanted a whole number from 1."
  }
}

variable "log_delete_days" {
  description = "Age in days at which a log file is deleted."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = var.log_delete_days > var.log_archive_days && floor(var.log_delete_days) == var.log_delete_days
    error_message = "log_delete_days is not above log_archive_days: a log file is archived first, then deleted."
  }
}

variable "repository" {
  description = "Artifact Registry repository of the images; AR_REPO elsewhere."
  type        = string
  default     = "churn-saver-repo"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,61}[a-z0-9]$", var.repository))
    error_message = "repository is not the name of a repository, wanted 2 to 63 of a-z, 0-9 and '-'."
  }
}

variable "allow_destroy" {
  description = "true: `terraform destroy` may delete database, service and full buckets. Apply it first, then destroy."
  type        = bool
  default     = false
  nullable    = false
}
