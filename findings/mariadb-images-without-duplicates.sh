#!/usr/bin/env bash
# Guess: a row image whose name begins with FULL has all values after an UPDATE, so binlog_row_image = FULL_NODUP of MariaDB is as good for a reader of the log as FULL.
# Behaviour: the image after the change has only what was changed; the rest stands in the image before it. python-mysql-replication returns None for each value that is not there,
# also for the key: an UPDATE that sets a text to NULL and one that leaves it look the same. Nothing is raised, and a session may choose this image itself.
# Why it matters to us: a replication that is built on it writes NULL over values. The source must have FULL exactly (existing/database.py).
# Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mariadb; start_server mariadb
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check mysql-replication==1.0.17 PyMySQL==1.1.2 cryptography==45.0.7 || exit 2
"$work/venv/bin/python" - "$work/mariadb/srv/data/server.sock" <<'PY' 2>"$work/errors" | tee "$work/seen"
import sys
import pymysql
from pymysqlreplication import BinLogStreamReader
from pymysqlreplication.row_event import UpdateRowsEvent
settings = {"unix_socket": sys.argv[1], "user": "root", "password": ""}
with pymysql.connect(**settings, autocommit=True).cursor() as cursor:
    cursor.execute("SET GLOBAL binlog_row_metadata = FULL")
    cursor.execute("CREATE DATABASE d")
    cursor.execute("CREATE TABLE d.t (id INT PRIMARY KEY, text VARCHAR(9), number INT)")
    cursor.execute("INSERT INTO d.t VALUES (1, 'first', 1)")
    for image in ("FULL", "FULL_NODUP"):
        cursor.execute(f"SET SESSION binlog_row_image = {image}")
        cursor.execute("UPDATE d.t SET text = 'text', number = 1")
        cursor.execute("UPDATE d.t SET number = 2")
        cursor.execute("UPDATE d.t SET number = 3, text = NULL")
stream = BinLogStreamReader(connection_settings=settings, server_id=2, log_file="log.000001", log_pos=4, resume_stream=True, only_events=[UpdateRowsEvent])
for number, event in enumerate(stream):
    if number % 3:
        print("FULL:" if number < 3 else "FULL_NODUP:", *(row["after_values"] for row in event.rows))
PY
diff "$work/seen" - <<'SEEN' || { cat "$work/errors"; echo "the behaviour has changed"; exit 1; }
FULL: {'id': 1, 'text': 'text', 'number': 2}
FULL: {'id': 1, 'text': None, 'number': 3}
FULL_NODUP: {'id': None, 'text': None, 'number': 2}
FULL_NODUP: {'id': None, 'text': None, 'number': 3}
SEEN
