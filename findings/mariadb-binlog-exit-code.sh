#!/usr/bin/env bash
# Guess: mariadb-binlog reads nothing of a MySQL log; at least, it does not exit with 0 where it stopped before the end of the file.
# Behaviour: it decodes the rows of a MySQL 9.7 file up to a compressed transaction, where it writes an ERROR and leaves out the rest. Its exit code is then 1
# for a file that the server has closed, but 0 for the file in which the server still writes, with "End of log file" at the end of its output.
# Why it matters to us: the rows that were written since a position are in such a file; they are decoded with the tool of the server's own product only.
# Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mariadb; install_mysql; start_server mysql
chroot "$work/mariadb" mariadb-binlog --version
ask mysql "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT); INSERT INTO d.t VALUES (1, 'plain');
  SET SESSION binlog_transaction_compression = ON; INSERT INTO d.t VALUES (2, REPEAT('a', 500)); SET SESSION binlog_transaction_compression = OFF;
  INSERT INTO d.t VALUES (3, 'plain')"
count() { grep -ac '^### INSERT' "$1" || true; }
decode() { # $1: state of the file
  local code=0
  cp "$work/mysql/srv/data/log.000001" "$work/mariadb/srv/log"; cp "$work/mysql/srv/data/log.000001" "$work/mysql/srv/log"
  chroot "$work/mysql" mysqlbinlog --no-defaults -v /srv/log >"$work/own"
  chroot "$work/mariadb" mariadb-binlog --no-defaults -v /srv/log >"$work/theirs" 2>"$work/errors" || code=$?
  cat "$work/errors"; grep -q TRANSACTION_PAYLOAD "$work/errors"
  local end; end=$(grep -a 'End of log' "$work/theirs" || echo "no end")
  echo "$1: mysqlbinlog $(count "$work/own") rows, mariadb-binlog $(count "$work/theirs") row, exit code $code, $end" | tee -a "$work/seen"
}
decode "in use"; ask mysql "FLUSH BINARY LOGS"; decode "closed"
diff - "$work/seen" <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
in use: mysqlbinlog 3 rows, mariadb-binlog 1 row, exit code 0, # End of log file
closed: mysqlbinlog 3 rows, mariadb-binlog 1 row, exit code 1, no end
SEEN
