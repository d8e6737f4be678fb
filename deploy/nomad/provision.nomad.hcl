# Databases, users and grants as a job of its own: it can fail without harm to PostgreSQL, and its failure is to be seen in
# `nomad job status postgresql-provision`. Run it after every change of services.yaml:
#
#   nomad job run deploy/nomad/provision.nomad.hcl

variable "services_file" {
  description = "Path of services.yaml on the machine that submits the job."
  default     = "examples/homelab/services.yaml"
}

variable "vault_addr" {
  description = "Nomad hands out VAULT_TOKEN, but not the address of Vault (hashicorp/nomad#2393)."
  default     = "https://vault.service.consul:8200"
}

variable "run" {
  description = "Any other value than last time makes Nomad run the job again."
  default     = "1"
}

job "postgresql-provision" {
  type = "batch"

  meta {
    run = var.run
  }

  group "provision" {
    # Three tries on this client, then one on another, then it has failed.
    restart {
      mode     = "fail"
      attempts = 3
      interval = "10m"
      delay    = "15s"
    }

    reschedule {
      attempts  = 1
      interval  = "1h"
      unlimited = false
    }

    task "provision" {
      driver = "docker"

      config {
        image = "slipway"
        args  = ["provision", "apply", "-f", "${NOMAD_TASK_DIR}/services.yaml", "--wait", "5m"]
      }

      vault {}

      env {
        VAULT_ADDR = var.vault_addr
      }

      template {
        destination = "local/server.env"
        env         = true
        change_mode = "noop"
        data        = <<EOH
POSTGRES_HOST={{ range service "postgresql" }}{{ .Address }}{{ end }}
EOH
      }

      template {
        destination     = "local/services.yaml"
        data            = file(var.services_file)
        change_mode     = "noop"
        left_delimiter  = "[[["
        right_delimiter = "]]]"
      }

      resources {
        cpu    = 100
        memory = 192
      }
    }
  }
}
