#!/usr/bin/env bash
# Guess: after UPDATE … SET document = '{"a": 1}' the column holds this document, on both products.
# Behaviour: MySQL compares the new document with the old one by value: over {"a": 1.0} the UPDATE changes no row, and the column still reads
# {"a": 1.0}. DELETE and INSERT, REPLACE, or a detour over another document write it. MariaDB, whose JSON is text, writes it at once.
# Why it matters to us: an UPDATE of the source does not always make the texts of both servers equal, however often it is repeated. The procedure
# repairs a table that differs by loading it again, not by updates of its rows. Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mariadb; install_mysql; start_server mariadb; start_server mysql
for name in mariadb mysql; do
  ask $name "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, document JSON); INSERT INTO d.t VALUES (1, '{\"a\": 1.0}'), (2, '{\"a\": 1.0}')"
  changed=$(ask $name "UPDATE d.t SET document = '{\"a\": 1}' WHERE id = 1; SELECT ROW_COUNT()")
  replaced=$(ask $name "REPLACE INTO d.t VALUES (2, '{\"a\": 1}'); SELECT document FROM d.t WHERE id = 2")
  echo "$name: rows changed by UPDATE $changed, document $(ask $name "SELECT document FROM d.t WHERE id = 1"), after REPLACE $replaced"
done | tee "$work/seen"
diff "$work/seen" - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
mariadb: rows changed by UPDATE 1, document {"a": 1}, after REPLACE {"a": 1}
mysql: rows changed by UPDATE 0, document {"a": 1.0}, after REPLACE {"a": 1}
SEEN
