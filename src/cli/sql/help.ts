/** Shown by `slipway sql --help`. */
export const sqlHelp = `Usage: slipway sql [options] [DBNAME|URL [USER]]

Runs SQL and psql scripts as psql does, without psql: the same commands, output, messages and exit statuses.

What to run, in the order given (standard input when nothing is given):
  -c, --command=TEXT       one query string, or one backslash command
  -f, --file=FILE          a script; - is standard input

How:
  -v, --set=NAME=VALUE     set a variable (NAME alone unsets it): -v ON_ERROR_STOP=1
  -1, --single-transaction BEGIN before and COMMIT after everything
      --batch              send statements outside transactions ahead, many in one transaction; replay them one by one after a failure
      --restricted         forbid scripts the shell and files
      --include-root=DIR   the same, but files under DIR may be included
  -X, --no-psqlrc          do not read the startup file (~/.psqlrc)

Output:
  -a, --echo-all           print every line as it is read
  -e, --echo-queries       print every statement as it is sent
  -b, --echo-errors        print statements that fail
  -E, --echo-hidden        print the queries that commands send
  -q, --quiet              no command tags and remarks
  -o, --output=FILE        send results to a file, or to a |command
  -L, --log-file=FILE      write statements and results to a file as well
  -A, --no-align           unaligned tables
      --csv                comma-separated values
  -t, --tuples-only        rows only
  -x, --expanded           a column a line
  -F, --field-separator=TEXT, -R, --record-separator=TEXT, -z, -0
                           separators of unaligned output; zero bytes
  -P, --pset=NAME[=VALUE]  any print setting

Connection, also from a URL, key=value words, PG* variables, ~/.pgpass and service files:
  -d, --dbname=NAME, -h, --host=HOST, -p, --port=PORT, -U, --username=NAME
  -w, --no-password        never ask for a password (nor is one asked for otherwise)

Exit status: 0 the end was reached, 1 something could not be read or set, 2 no connection, 3 stopped by ON_ERROR_STOP.
`;
