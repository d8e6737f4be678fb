#!/bin/sh
# Runs every benchmark, or the ones named (npm run bench -- startup init); each prints its own lines.
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- $(cd dist/bench && ls ./*.js | sed 's|^\./||; s|\.js$||' | grep -v '^measure$')
for name; do
  node "dist/bench/$name.js"
done
