#!/bin/sh
# Runs the Supabase scripts that stand beside this file. What the record holds unchanged is skipped, what is new or changed is run.
# For the Job of `slipway supabase manifests`; any POSIX shell will do, with psql 15 or newer, pg_isready and sha256sum.
#
#   sh run-migrations.sh [EXTRA_FILE...]      extra files, named from this directory, run after the seven
#
# Environment: PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD, PGSSLMODE and all else that libpq and the scripts read;
#   CONNECT_SECONDS, LOCK_SECONDS   how long to wait for the server, and for another run (120, 600)
#   TLS_DIRECTORY                   may hold ca.crt, tls.crt and tls.key
#   TERMINATION_MESSAGE_PATH        gets the outcome, at most 4096 bytes
#   SLIPWAY_VERSION                 is recorded with each file
# Status: 0 when every file is in place, 1 when one is not, 128 + N after signal N.
set -eu

files="00-initial-schema.sql 01-roles.sql 02-jwt.sql 03-logs.sql 04-webhooks.sql 05-realtime.sql 06-pooler.sql"
# These two bring the environment's passwords and settings into the database. Those may have changed, so they run every time.
following_environment="01-roles.sql 02-jwt.sql"
lock_key=32488822435963257

cd "$(dirname "$0")"
work=$(mktemp -d "${TMPDIR:-/tmp}/db-init.XXXXXX")
current=$(echo "$files" | cut -d ' ' -f 1)
child=
export PGCLIENTENCODING=UTF8 PGAPPNAME=slipway-db-init

main() {
  check_environment
  use_certificates
  await_server
  open_record
  take_lock
  read_record
  for current in $files "$@"; do
    in_place "$current" || apply "$current"
  done
  echo "$(counted applied) applied, $(counted skipped) skipped" | tee "$work/summary"
}

# A value with a line break comes of `echo … | base64`; libpq would take the break for part of the name.
check_environment() {
  for name in PGHOST PGPORT PGDATABASE PGUSER PGPASSWORD; do
    eval "value=\${$name-}"
    case $name=$value in
      *=) fail "$name is empty: see the database's Secret" ;;
      *'
'*) fail "$name holds a line break: see the database's Secret" ;;
      PGPORT=*[!0-9]*) fail "PGPORT is no number: see the database's Secret" ;;
    esac
  done
}

use_certificates() {
  directory=${TLS_DIRECTORY:-/nonexistent}
  if [ -f "$directory/ca.crt" ]; then export PGSSLROOTCERT="$directory/ca.crt"; fi
  if [ -f "$directory/tls.crt" ]; then export PGSSLCERT="$directory/tls.crt"; fi
  if [ -f "$directory/tls.key" ]; then export PGSSLKEY="$directory/tls.key"; fi
}

# Waits for a server that does not answer yet. One that answers and refuses us (the password, the database), or that we refuse (its
# certificate), will not change: whether it answers is asked without TLS.
await_server() {
  limit=${CONNECT_SECONDS:-120}
  deadline=$(($(date +%s) + limit))
  until run psql -X -c ''; do
    PGSSLMODE=disable pg_isready -q && answer=0 || answer=$?
    case $answer in
      0 | 3) fail "cannot connect to $PGHOST" ;;
    esac
    [ "$(date +%s)" -lt "$deadline" ] || fail "$PGHOST did not answer within $limit s"
    run sleep 1
  done
}

# One session holds the lock and writes the record; it ends when nobody has its input open, that is with this script and all that
# it started. Its input is opened for reading as well, so that writing to a session that has ended is no signal, but no reply.
open_record() {
  mkfifo "$work/requests" "$work/replies"
  exec 8<>"$work/requests"
  psql -X -q -A -t -v ON_ERROR_STOP=1 <"$work/requests" >"$work/replies" 2>"$work/record-errors" 8>&- &
  exec 9<"$work/replies"
  ask 'SET idle_session_timeout = 0;'
}

# Sends lines to that session, and keeps what it says to them in $work/reply.
ask() {
  printf '%s\n' "$@" "SELECT 'end of reply';" >&8
  : >"$work/reply"
  while IFS= read -r line <&9; do
    [ "$line" != 'end of reply' ] || return 0
    printf '%s\n' "$line" >>"$work/reply"
  done
  cp "$work/record-errors" "$work/output"
  fail 'the session that holds the lock has ended'
}

take_lock() {
  limit=${LOCK_SECONDS:-600}
  deadline=$(($(date +%s) + limit))
  until ask "SELECT pg_try_advisory_lock($lock_key);" && grep -qx t "$work/reply"; do
    [ "$(date +%s)" -lt "$deadline" ] || fail "another run holds the lock of the database since $limit s"
    run sleep 1
  done
}

read_record() {
  ask '\i ledger.sql' '\i recorded.sql'
  cp "$work/reply" "$work/recorded"
}

# Whether a file need not run: the record's last entry has its hash.
in_place() {
  case $1 in *[!-._/a-zA-Z0-9]*) fail 'a name holds letters, digits and - . _ / only' ;; esac
  [ -r "$1" ] || fail 'there is no such file'
  hash=$(sha256sum "$1") || fail 'its hash cannot be made'
  case " $following_environment " in *" $1 "*) return 1 ;; esac
  grep -qxF "$hash" "$work/recorded" || return 1
  note "$1: skipped"
}

apply() {
  ask 'SELECT clock_timestamp() AS started \gset'
  run psql -X -q -v ON_ERROR_STOP=1 -v SHOW_CONTEXT=never -f "$1" || fail 'failed'
  record "$1"
  warnings=$(grep -c 'WARNING:' "$work/output" || true)
  case $warnings in
    0) note "$1: applied" ;;
    *) note "$1: applied, warnings:" && grep 'WARNING:' "$work/output" | sed 's/.*WARNING: */  /' >>"$work/outcomes" ;;
  esac
}

record() {
  ask "\\set file '$1'" "\\set sha256 '${hash%% *}'" "\\set version '${SLIPWAY_VERSION:-unknown}'" \
    "SELECT extract(epoch FROM clock_timestamp() - :'started') AS seconds \\gset" '\i record.sql'
}

# Runs a program in the background, because a shell hears of a signal only while it waits. What the program says goes to the log,
# unless it only repeats itself.
run() {
  "$@" >"$work/output" 2>&1 &
  child=$!
  wait "$child" && ended=0 || ended=$?
  child=
  cmp -s "$work/output" "$work/said" || cat "$work/output"
  [ ! -s "$work/output" ] || cp "$work/output" "$work/said"
  return "$ended"
}

note() {
  printf '%s\n' "$1" | tee -a "$work/outcomes"
}

counted() {
  grep -c ": $1" "$work/outcomes" || true
}

# Ends the run with a reason; what the program said that failed is part of the message.
fail() {
  printf '%s\n' "$current: $1" | tee "$work/summary"
  tail -n 20 "$work/output" >>"$work/summary"
  exit 1
}

# psql passes the signal on to the server, which cancels the statement; the file's transaction is undone.
interrupted() {
  echo "$current: interrupted by signal $1" | tee "$work/summary"
  if [ -n "$child" ] && kill -INT "$child"; then wait "$child" || true; fi
  exit $((128 + $1))
}

finish() {
  status=$?
  trap '' HUP INT TERM
  if [ -n "${TERMINATION_MESSAGE_PATH-}" ]; then message >"$TERMINATION_MESSAGE_PATH" || true; fi
  rm -rf "$work"
  exit "$status"
}

# Kubernetes keeps 4096 bytes; no line of ours is cut within a character.
message() {
  cat "$work/summary" "$work/outcomes" >"$work/message"
  if [ "$(wc -c <"$work/message")" -le 4096 ]; then cat "$work/message"; else head -c 4096 "$work/message" | sed '$d'; fi
}

echo "$current: ended unexpectedly" >"$work/summary"
: >"$work/outcomes" >"$work/output" >"$work/said"
trap finish EXIT
trap 'interrupted 1' HUP
trap 'interrupted 2' INT
trap 'interrupted 15' TERM
main "$@"
