#!/usr/bin/env bash
# Guess: a row that python-mysql-replication reads from the binary log has the values that a SELECT returns, as it has for numbers, texts and dates.
# Behaviour: the fraction of a negative TIME counts from the wrong side (-1.999999 s is read as -1.000001 s), a negative time within JSON loses its sign, YEAR 0 is
# 1900, the zero TIMESTAMP is the start of 1970, and text of utf16 has its bytes swapped. BINARY(4) is shorter, an empty SET is None like NULL, and so is a zero
# date. A member of an ENUM in latin1 that is not ASCII is an empty text. Nothing is raised or logged, though the server logs all names and character sets here.
# Why it matters to us: a replication that is built on it writes other rows. The rehearsal's DMS decodes the images itself (rehearsal/dms/engine/decode.py).
# Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mysql; start_server mysql --binlog-row-metadata=FULL --character-set-server=utf8mb4
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check mysql-replication==1.0.17 PyMySQL==1.1.2 cryptography==45.0.7 || exit 2
"$work/venv/bin/python" - "$work/mysql/srv/data/server.sock" <<'PY' 2>"$work/errors" || { cat "$work/errors"; echo "the behaviour has changed"; exit 1; }
import sys
from datetime import datetime, timedelta
from importlib.metadata import version
import pymysql
from pymysqlreplication import BinLogStreamReader
from pymysqlreplication.row_event import WriteRowsEvent
print("mysql-replication", version("mysql-replication"))
settings = {"unix_socket": sys.argv[1], "user": "root", "password": ""}
CASES = {  # name: type, value in SQL, what is read of the log
    "negative_time": ("TIME(6)", "'-00:00:01.999999'", timedelta(seconds=-1, microseconds=-1)),
    "negative_half": ("TIME(1)", "'-00:00:01.5'", timedelta(seconds=-1.5)),
    "time_in_json": ("JSON", "JSON_ARRAY(CAST('-01:00:00' AS TIME))", "01:00:00"),
    "year_0": ("YEAR", "0", 1900),
    "zero_timestamp": ("TIMESTAMP NULL", "0", datetime(1970, 1, 1)),
    "zero_date": ("DATE", "'0000-00-00'", None),
    "utf16": ("VARCHAR(9) CHARACTER SET utf16", "'ab'", "\u6100\u6200"),
    "binary": ("BINARY(4)", "'a'", b"a"),
    "empty_set": ("SET('a', 'b')", "''", None),
    "enum_latin1": ("ENUM('a', '\u00e9') CHARACTER SET latin1", "'\u00e9'", ""),
    "enum_utf8": ("ENUM('a', '\u00e9')", "'\u00e9'", "\u00e9"),
}
connection = pymysql.connect(**settings, charset="utf8mb4", autocommit=True)
cursor, selected = connection.cursor(), {}
cursor.execute("SET SESSION sql_mode = '', time_zone = '+00:00'"); cursor.execute("CREATE DATABASE d"); cursor.execute("USE d")
for name, (kind, value, _) in CASES.items():
    cursor.execute(f"CREATE TABLE `{name}` (v {kind})"); cursor.execute(f"INSERT INTO `{name}` VALUES ({value})")
    cursor.execute(f"SELECT v FROM `{name}`"); selected[name] = cursor.fetchone()[0]
stream = BinLogStreamReader(connection_settings=settings, server_id=2, log_file="log.000001", log_pos=4, resume_stream=True, only_events=[WriteRowsEvent])
read = {event.table: event.rows[0]["values"]["v"] for event in stream}
read["time_in_json"] = str(read["time_in_json"][0])
for name, value in selected.items():
    print(f"{name}: SELECT returns {value!r}, the log {read[name]!r}")
sys.exit(read != {name: expected for name, (_, _, expected) in CASES.items()})
PY
