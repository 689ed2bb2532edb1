#!/usr/bin/env bash
# Guess: a reader of the binary log gets every row that a transaction wrote, or an error; python-mysql-replication follows MySQL 8 and later.
# Behaviour: a transaction that MySQL wrote compressed (binlog_transaction_compression, which a session may switch on) is passed over: its rows do not come, and
# nothing is raised or logged as an error. The rows of the next, uncompressed transaction do come.
# Why it matters to us: a stand-in for a replication service that is built on it loses rows in silence; the setting of a source is looked at first.
# Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mysql; start_server mysql
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check mysql-replication==1.0.17 PyMySQL==1.1.2 cryptography==45.0.7
ask mysql "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT);
  SET SESSION binlog_transaction_compression = ON; INSERT INTO d.t VALUES (1, REPEAT('a', 500)), (2, REPEAT('b', 500));
  SET SESSION binlog_transaction_compression = OFF; INSERT INTO d.t VALUES (3, REPEAT('c', 500))"
"$work/venv/bin/python" - "$work/mysql/srv/data/server.sock" <<'PY' 2>"$work/errors" | tee "$work/seen"
import sys
from importlib.metadata import version
from pymysqlreplication import BinLogStreamReader
from pymysqlreplication.row_event import WriteRowsEvent
print("mysql-replication", version("mysql-replication"))
settings = {"unix_socket": sys.argv[1], "user": "root", "password": ""}
stream = BinLogStreamReader(connection_settings=settings, server_id=2, log_file="log.000001", log_pos=4, resume_stream=True, only_events=[WriteRowsEvent])
print("first bytes of the rows that came:", [row["values"]["UNKNOWN_COL1"][:1] for event in stream for row in event.rows])
PY
echo "rows in the table: $(ask mysql "SELECT COUNT(*) FROM d.t")"
[[ $(tail -1 "$work/seen") == *"['c']"* || $(tail -1 "$work/seen") == *"[b'c']"* ]] || { cat "$work/errors"; echo "the behaviour has changed"; exit 1; }
