#!/bin/sh
# Runs the compiled tests: all of them, or the ones whose path contains an argument (npm test -- cluster).
set -eu
cd "$(dirname "$0")/.."
pattern=${1:-}
files=$(find dist/src dist/test -name '*.test.js' | grep -F -- "$pattern" | sort) || true
[ -n "$files" ] || {
  echo "no test file has '$pattern' in its path" >&2
  exit 1
}
# shellcheck disable=SC2086 # one argument a file; the paths are ours and hold no blanks
exec node --test --test-timeout=600000 --test-concurrency="${TEST_CONCURRENCY:-4}" --test-reporter=./dist/test/support/reporter.js $files
