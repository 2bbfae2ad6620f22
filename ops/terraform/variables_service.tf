# What the service is given, and who may call it.

variable "service_name" {
  description = "Name of the Cloud Run service; SERVICE_NAME elsewhere."
  type        = string
  default     = "churn-retain-api"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,32}[a-z0-9]$", var.service_name))
    error_message = "service_name is not the name of a service, wanted 2 to 34 of a-z, 0-9 and '-': Cloud Run takes 46 for it and the tag of a deploy."
  }
}

variable "image" {
  description = "Image that service and dispatcher are made with; later ones come by `make deploy`. Empty: Google's samples."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^[a-z0-9.-]+\\.pkg\\.dev/[^\\s]+[:@][^\\s]+$", var.image))
    error_message = "image is not one of Artifact Registry, wanted REGION-docker.pkg.dev/PROJECT/REPOSITORY/app:TAG, or @sha256:DIGEST."
  }
}

variable "allow_public" {
  description = "true: anybody may reach the service, which then asks for an API key itself. false: callers need roles/run.invoker."
  type        = bool
  default     = false
  nullable    = false
}

variable "invokers" {
  description = "Who may call the service, as IAM names them: serviceAccount:…, group:…, user:…"
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for member in var.invokers : can(regex("^(serviceAccount|group|user):[^@\\s]+@[^@\\s]+$", member))])
    error_message = "invokers names somebody else than serviceAccount:…@…, group:…@… or user:…@…; everybody is `allow_public = true`."
  }
}

variable "max_instances" {
  description = "Most instances that run at once; with no request there is none."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.max_instances >= 1 && var.max_instances <= 10 && floor(var.max_instances) == var.max_instances
    error_message = "max_instances is outside 1 to 10. More cost more and need a larger database: change the bound where it stands."
  }
}

variable "min_instances" {
  description = "Instances that wait for requests, and are paid for meanwhile; 0: the first request after a pause waits for a start."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.min_instances >= 0 && var.min_instances <= var.max_instances && floor(var.min_instances) == var.min_instances
    error_message = "min_instances is outside 0 to max_instances."
  }
}

variable "cpu" {
  description = "Cores of an instance."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = contains([1, 2, 4, 8], var.cpu)
    error_message = "cpu is not 1, 2, 4 or 8."
  }
}

variable "memory" {
  description = "Memory of an instance; files in /tmp count too."
  type        = string
  default     = "1Gi"
  nullable    = false

  validation {
    condition     = contains(["512Mi", "1Gi", "2Gi", "4Gi", "8Gi"], var.memory)
    error_message = "memory is not 512Mi, 1Gi, 2Gi, 4Gi or 8Gi."
  }

  # https://cloud.google.com/run/docs/configuring/services/memory-limits
  validation {
    condition = contains(
      { "1" = ["512Mi", "1Gi", "2Gi", "4Gi"], "2" = ["512Mi", "1Gi", "2Gi", "4Gi", "8Gi"], "4" = ["2Gi", "4Gi", "8Gi"], "8" = ["4Gi", "8Gi"] }[tostring(var.cpu)],
      var.memory,
    )
    error_message = "memory does not go with cpu: 1 core takes up to 4Gi, 4 cores need 2Gi, 8 cores 4Gi."
  }
}

variable "concurrency" {
  description = "Requests that Cloud Run sends to one instance at a time; MAX_IN_FLIGHT of them are decided, the others wait."
  type        = number
  default     = 40
  nullable    = false

  validation {
    condition     = var.concurrency >= 1 && var.concurrency <= 72 && floor(var.concurrency) == var.concurrency
    error_message = "concurrency is outside 1 to 72: an instance takes on MAX_IN_FLIGHT (8) and MAX_WAITING (64) requests."
  }
}

variable "model_release" {
  description = "Release in the model bucket that is served; `current` is what `churn-saver releases use` names; empty: what ships with the image."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", var.model_release))
    error_message = "model_release is not the name of a release, wanted letters, digits and . _ -, or nothing."
  }
}

variable "force_baseline" {
  description = "true: no models, the propensity rule decides. `PUT /control` does it without a new revision."
  type        = bool
  default     = false
  nullable    = false
}
