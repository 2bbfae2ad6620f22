# The ledger is PostgreSQL: made here, or somebody else's. Exactly one of the two.

variable "cloud_sql" {
  description = "true: make a Cloud SQL instance. false: the ledger is where database_url_secret says."
  type        = bool
  default     = true
  nullable    = false
}

variable "database_url_secret" {
  description = "Secret of this project that holds postgresql://…; only with cloud_sql = false. Its value is `gcloud secrets versions add`."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^[A-Za-z0-9_-]{1,255}$", var.database_url_secret))
    error_message = "database_url_secret is not the name of a secret, wanted letters, digits, '-' and '_': its name alone, never the URL itself."
  }

  validation {
    condition     = var.cloud_sql != (var.database_url_secret != "")
    error_message = "The ledger needs exactly one database: cloud_sql = true, or cloud_sql = false with a database_url_secret."
  }
}

variable "database_instance" {
  description = "Name of the Cloud SQL instance. Google may keep the name of a deleted one for a week."
  type        = string
  default     = "churn-saver"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,78}[a-z0-9]$", var.database_instance))
    error_message = "database_instance is not the name of an instance, wanted 2 to 80 of a-z, 0-9 and '-'."
  }
}

variable "database_tier" {
  description = "Machine of the Cloud SQL instance. Shared ones (db-f1-micro, db-g1-small) are outside Google's service level."
  type        = string
  default     = "db-g1-small"
  nullable    = false

  validation {
    condition     = can(regex("^db-(f1-micro|g1-small|custom-[0-9]+-[0-9]+)$", var.database_tier))
    error_message = "database_tier is not db-f1-micro, db-g1-small or db-custom-CORES-MEBIBYTES."
  }

  # An f1-micro has 0.6 GiB, which does not hold the connections of ten instances.
  validation {
    condition     = !var.cloud_sql || var.database_tier != "db-f1-micro" || var.max_instances <= 2
    error_message = "database_tier db-f1-micro serves two instances. Set max_instances to 2, or take db-g1-small."
  }
}

variable "database_availability" {
  description = "ZONAL, or REGIONAL: a second instance takes over when a zone fails, for twice the price."
  type        = string
  default     = "ZONAL"
  nullable    = false

  validation {
    condition     = contains(["ZONAL", "REGIONAL"], var.database_availability)
    error_message = "database_availability is not ZONAL or REGIONAL."
  }
}
