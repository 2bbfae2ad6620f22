# Who hears of an alert, and when somebody is told.

variable "alert_email" {
  description = "Address that alerts are sent to; empty: none."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.alert_email))
    error_message = "alert_email is not an address, wanted name@host."
  }
}

variable "slack_channel" {
  description = "Slack channel that alerts are sent to, such as #alerts; empty: none. Needs slack_token_secret."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^#[^#\\s]{1,80}$", var.slack_channel))
    error_message = "slack_channel is not a channel, wanted its name with a # in front."
  }

  validation {
    condition     = (var.slack_channel == "") == (var.slack_token_secret == "")
    error_message = "slack_channel and slack_token_secret belong together: give both, or none."
  }
}

variable "slack_token_secret" {
  description = "Secret of this project that holds Slack's token (xoxb-…). Google wants it in the channel, so the state file holds it too; alert_channels does without."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^[A-Za-z0-9_-]{1,255}$", var.slack_token_secret))
    error_message = "slack_token_secret is not the name of a secret, wanted letters, digits, '-' and '_': its name alone, never the token itself."
  }
}

variable "alert_channels" {
  description = "Notification channels that exist already, as projects/PROJECT/notificationChannels/NUMBER."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.alert_channels : can(regex("^projects/[^/\\s]+/notificationChannels/[0-9]+$", name))])
    error_message = "alert_channels names something else than projects/PROJECT/notificationChannels/NUMBER; `gcloud beta monitoring channels list` shows them."
  }
}

variable "watch_campaign" {
  description = "Campaign whose drift and outcomes are looked at once a day, for the dashboard; empty: none. Needs watch_image."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", var.watch_campaign))
    error_message = "watch_campaign is not the name of a campaign, as `churn-saver campaign list` shows it."
  }

  validation {
    condition     = var.watch_campaign == "" || var.watch_image != ""
    error_message = "watch_campaign needs watch_image: the image of the service cannot look. Name the image train, as REGION-docker.pkg.dev/PROJECT/REPOSITORY/train:latest."
  }
}

variable "watch_image" {
  description = "Image that looks at watch_campaign: train, as REGION-docker.pkg.dev/PROJECT/REPOSITORY/train:latest. It has to be there already."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^[a-z0-9-]+-docker\\.pkg\\.dev/[^\\s/]+/[^\\s/]+/[^\\s@:]+(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|@sha256:[0-9a-f]{64})$", var.watch_image))
    error_message = "watch_image is not an image of Artifact Registry with a tag or a digest, wanted REGION-docker.pkg.dev/PROJECT/REPOSITORY/train:latest; `make deploy` pushes it."
  }
}
