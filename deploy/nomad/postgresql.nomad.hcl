# PostgreSQL, and beside it a task that makes sure of databases, users and grants at every deployment.
#
# A poststart task that fails takes its siblings with it, the database included. Here it cannot: restart mode "delay" makes Nomad
# try again for ever instead of failing the allocation. The price is that a provisioning that cannot succeed shows only in its
# log and its restarts; provision.nomad.hcl, a job of its own, fails visibly and costs a second deployment.

variable "services_file" {
  description = "Path of services.yaml on the machine that submits the job."
  default     = "examples/homelab/services.yaml"
}

variable "vault_addr" {
  description = "Nomad hands out VAULT_TOKEN, but not the address of Vault (hashicorp/nomad#2393)."
  default     = "https://vault.service.consul:8200"
}

job "postgresql" {
  type = "service"

  group "postgresql" {
    network {
      mode = "bridge"
      port "db" {
        static = 5432
        to     = 5432
      }
    }

    service {
      name = "postgresql"
      port = "db"

      check {
        type     = "tcp"
        interval = "10s"
        timeout  = "2s"
      }
    }

    volume "data" {
      type   = "host"
      source = "postgresql"
    }

    task "postgresql" {
      driver = "docker"

      config {
        image = "postgres:18"
        ports = ["db"]
      }

      vault {}

      template {
        destination = "secrets/postgresql.env"
        env         = true
        change_mode = "noop"
        data        = <<EOH
POSTGRES_PASSWORD={{ with secret "secret/data/postgres/admin" }}{{ .Data.data.password | toJSON }}{{ end }}
EOH
      }

      volume_mount {
        volume      = "data"
        destination = "/var/lib/postgresql"
      }

      resources {
        cpu    = 500
        memory = 512
      }
    }

    task "init-databases" {
      driver = "docker"

      lifecycle {
        hook    = "poststart"
        sidecar = false
      }

      config {
        image = "slipway"
        args  = ["provision", "apply", "-f", "${NOMAD_TASK_DIR}/services.yaml", "--wait", "120s"]
      }

      # A token by workload identity; the secrets are read by the tool itself, because a template with one secret missing would
      # keep the whole task from starting (hashicorp/nomad#22478).
      vault {}

      env {
        VAULT_ADDR    = var.vault_addr
        POSTGRES_HOST = "127.0.0.1"
      }

      template {
        destination     = "local/services.yaml"
        data            = file(var.services_file)
        change_mode     = "noop"
        left_delimiter  = "[[["
        right_delimiter = "]]]"
      }

      # Never "fail": that would end the allocation, and PostgreSQL in it.
      restart {
        mode     = "delay"
        attempts = 3
        interval = "10m"
        delay    = "15s"
      }

      resources {
        cpu    = 100
        memory = 192
      }
    }
  }
}
