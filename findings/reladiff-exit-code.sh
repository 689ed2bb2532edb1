#!/usr/bin/env bash
# Guess: like diff, reladiff exits with 0 when two tables are equal, and with another code when they differ or when it could not compare them.
# Behaviour: the exit code is 0 in every case: equal, different, a table that does not exist, no connection, an error of the server. With MySQL 9.7 the last one is
# the rule for all but small tables, because its checksums need MD5(), which MySQL no longer has. Only the text of the log shows it.
# Why it matters to us: a script of a migration that looks at the exit code calls every table verified. A comparison of ours that could not run is an error.
# Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mysql; start_server mysql
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check reladiff==0.6.0 sqeleton==0.1.7 mysql-connector-python==9.5.0 dsnparse==0.3.1 || exit 2
"$work/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -E '^(reladiff|mysql-connector-python) '
rows() { seq 40 | sed "s/.*/(&, $1)/" | paste -sd,; }
for schema in a b; do
  ask mysql "CREATE DATABASE $schema; CREATE TABLE $schema.same (id INT PRIMARY KEY, v INT); CREATE TABLE $schema.other (id INT PRIMARY KEY, v INT);
    CREATE TABLE $schema.large (id INT PRIMARY KEY, v INT); INSERT INTO $schema.same VALUES (1, 1); INSERT INTO $schema.other VALUES (1, ORD('$schema'));
    INSERT INTO $schema.large VALUES $(rows "ORD('$schema')")"
done
compare() { # $1: what, $2: table, $3: socket of the second server, then options
  local code=0 what=$1 table=$2 second=$3; shift 3
  timeout 60 "$work/venv/bin/reladiff" "mysql://root:@localhost/a?unix_socket=$work/mysql/srv/data/server.sock" "$table" \
    "mysql://root:@localhost/b?unix_socket=$second" "$table" -c v "$@" >"$work/out" 2>&1 || code=$?
  echo "$what: exit code $code, errors $(grep -c ERROR "$work/out" || true), differences $(grep -c '^[-+] ' "$work/out" || true)"
}
{
  socket=$work/mysql/srv/data/server.sock
  compare "equal tables" same "$socket"
  compare "different tables" other "$socket"
  compare "no such table" missing "$socket"
  compare "no such server" same "$work/no.sock"
  compare "different tables of 40 rows, compared in parts" large "$socket" --bisection-threshold 10 --bisection-factor 5
} | tee "$work/seen"
diff "$work/seen" - <<'SEEN' || { cat "$work/out"; echo "the behaviour has changed"; exit 1; }
equal tables: exit code 0, errors 0, differences 0
different tables: exit code 0, errors 0, differences 2
no such table: exit code 0, errors 1, differences 0
no such server: exit code 0, errors 1, differences 0
different tables of 40 rows, compared in parts: exit code 0, errors 1, differences 0
SEEN
