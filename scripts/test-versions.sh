#!/bin/sh
# Runs the tests of clusters and provisioning with every supported major version: the embedded builds of npm for 14, 16 and 17, the
# system's servers besides. Needs a built checkout and npm. Usage: sh scripts/test-versions.sh [MAJOR...]
set -eu
cd "$(dirname "$0")/.."
package=@embedded-postgres/$(node -p 'process.platform + "-" + process.arch')
servers=$(mktemp -d)
trap 'rm -rf "$servers"' EXIT
chmod 755 "$servers"

newest() {
  npm view "$package" versions --json |
    node -e 'const all = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
      console.log(all.filter((version) => version.startsWith(`${process.argv[1]}.`)).pop() ?? "");' "$1"
}

for major in "${@:-14 16 17}"; do
  for one in $major; do
    version=$(newest "$one")
    npm install --silent --no-save --ignore-scripts --prefix "$servers/$one" "$package@$version"
    echo "PostgreSQL $one: $package@$version"
    # npm cannot pack links, and its install script makes them in its own directory only.
    (cd "$servers/$one/node_modules/$package" && node scripts/hydrate-symlinks.js)
    binaries=$servers/$one/node_modules/$package/native/bin
    PG_BIN_DIR=$binaries sh scripts/test.sh test/cluster
    PG_BIN_DIR=$binaries sh scripts/test.sh test/provision
  done
done
for place in /usr/lib/postgresql/*/bin; do
  [ -x "$place/initdb" ] || continue
  echo "PostgreSQL of the system: $place"
  PG_BIN_DIR=$place sh scripts/test.sh test/cluster
  PG_BIN_DIR=$place sh scripts/test.sh test/provision
done
