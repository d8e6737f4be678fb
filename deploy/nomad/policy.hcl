# What Slipway may do in Vault: read the passwords of the administrator and the services, and make those that are missing
# (generate: true). It never changes or deletes one.
#
#   vault policy write slipway-provision deploy/nomad/policy.hcl

path "secret/data/postgres/*" {
  # create, without update, is what writing with check-and-set 0 needs; leave it out where nothing is to be generated
  capabilities = ["read", "create"]
}

# How the tool finds out whether the engine is of version 1 or 2. Every token may ask this of the mounts that it has rights in.
path "sys/internal/ui/mounts/secret" {
  capabilities = ["read"]
}
