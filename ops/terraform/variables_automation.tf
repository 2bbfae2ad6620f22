# What runs by itself: sending messages, checking pull requests, deploying merges.

variable "dispatch_sender" {
  description = "Webhook that due messages are handed to, https://…; empty: nothing is sent from Google Cloud."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^https://[^@\\s]+$", var.dispatch_sender))
    error_message = "dispatch_sender is not https://host/path. A password does not belong in it: that is the secret churn-saver-sender-token."
  }
}

variable "dispatch_token" {
  description = "true: the webhook is shown the secret churn-saver-sender-token as its bearer."
  type        = bool
  default     = true
  nullable    = false
}

variable "dispatch_schedule" {
  description = "When the dispatcher looks for due messages, as cron, UTC. A run costs a minute at least."
  type        = string
  default     = "*/15 * * * *"
  nullable    = false

  validation {
    condition     = can(regex("^[0-9*/,-]+( [0-9A-Z*/,-]+){4}$", var.dispatch_schedule))
    error_message = "dispatch_schedule is not a cron line of five fields, such as '*/15 * * * *'."
  }
}

variable "github_repository" {
  description = "OWNER/NAME, connected to Cloud Build in this region; empty: no triggers."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository is not OWNER/NAME."
  }
}

variable "deploy_branch" {
  description = "A merge into this branch is deployed; pull requests against it are checked."
  type        = string
  default     = "main"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]+$", var.deploy_branch))
    error_message = "deploy_branch is not the name of a branch."
  }
}
