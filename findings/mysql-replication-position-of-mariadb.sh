#!/usr/bin/env bash
# Guess: python-mysql-replication starts at log_file and log_pos, on MariaDB with is_mariadb=True as on MySQL.
# Behaviour: with is_mariadb=True and no GTID it sends neither. MariaDB then starts with its oldest log, so rows that were read before the position come a second
# time, without an error or a warning. Without is_mariadb the same position works.
# Why it matters to us: a replication that resumes at its checkpoint applies old changes again. The rehearsal's DMS reads both products without is_mariadb.
# Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mariadb; start_server mariadb
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check mysql-replication==1.0.17 PyMySQL==1.1.2 || exit 2
"$work/venv/bin/python" - "$work/mariadb/srv/data/server.sock" <<'PY' 2>"$work/errors" || { cat "$work/errors"; echo "the behaviour has changed"; exit 1; }
import sys
from importlib.metadata import version
import pymysql
from pymysqlreplication import BinLogStreamReader
from pymysqlreplication.row_event import WriteRowsEvent
print("mysql-replication", version("mysql-replication"))
settings = {"unix_socket": sys.argv[1], "user": "root", "password": ""}
cursor = pymysql.connect(**settings, autocommit=True).cursor()
cursor.execute("CREATE DATABASE d"); cursor.execute("CREATE TABLE d.t (id INT PRIMARY KEY)"); cursor.execute("INSERT INTO d.t VALUES (1)")
cursor.execute("SHOW MASTER STATUS"); file, position = cursor.fetchone()[:2]
cursor.execute("INSERT INTO d.t VALUES (2)")
def read(*, is_mariadb):
    stream = BinLogStreamReader(connection_settings=settings, server_id=3, log_file=file, log_pos=position, resume_stream=True,
                                only_events=[WriteRowsEvent], is_mariadb=is_mariadb)
    rows = [next(iter(row["values"].values())) for event in stream for row in event.rows]
    print(f"from {file}:{position}, is_mariadb={is_mariadb}: rows {rows} (only row 2 was written after the position)")
    return rows
sys.exit((read(is_mariadb=False), read(is_mariadb=True)) != ([2], [1, 2]))
PY
