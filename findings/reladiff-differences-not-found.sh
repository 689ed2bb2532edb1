#!/usr/bin/env bash
# Guess: a column that reladiff cannot compare well is reported as different too often; its warning speaks of false positives.
# Behaviour: values of a BLOB that are no UTF-8 all count as NULL: two other ones, and a value beside NULL, are called equal. Small DOUBLEs are rounded first
# (1e-12 and 2e-12 are equal). Texts and DECIMALs are compared completely.
# Why it matters to us: pictures, keys and packed data can be lost in a copy that this tool calls equal. Our digests read bytes as bytes, and all bits of a float.
# Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mysql; start_server mysql
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check reladiff==0.6.0 sqeleton==0.1.7 mysql-connector-python==9.5.0 dsnparse==0.3.1 || exit 2
"$work/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -E '^(reladiff|mysql-connector-python) '
ask mysql "CREATE DATABASE a; CREATE DATABASE b"
compare() { # $1: name, $2: type, $3 and $4: the two values
  ask mysql "CREATE TABLE a.$1 (id INT PRIMARY KEY, v $2); CREATE TABLE b.$1 LIKE a.$1; INSERT INTO a.$1 VALUES (1, $3); INSERT INTO b.$1 VALUES (1, $4)"
  local uri="unix_socket=$work/mysql/srv/data/server.sock"
  timeout 60 "$work/venv/bin/reladiff" "mysql://root:@localhost/a?$uri" "$1" "mysql://root:@localhost/b?$uri" "$1" -c v >"$work/out" 2>&1
  grep ERROR "$work/out" && exit 2
  echo "$2, $3 and $4: differences $(grep -ac '^[-+] ' "$work/out" || true), warned of false positives $(grep -ac 'false positives' "$work/out" || true)"
}
{
  compare blobs BLOB "X'00FF'" "X'00FE'"
  compare blob_and_null BLOB "X'00FF'" NULL
  compare doubles DOUBLE 1e-12 2e-12
  compare texts TEXT "'a'" "'b'"
  compare decimals "DECIMAL(20,12)" 0.000000000001 0.000000000002
} | tee "$work/seen"
diff <(grep -o 'differences [0-9]*' "$work/seen" | paste -sd,) - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
differences 0,differences 0,differences 0,differences 2,differences 2
SEEN
