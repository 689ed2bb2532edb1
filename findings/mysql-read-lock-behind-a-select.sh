#!/usr/bin/env bash
# Guess: FLUSH TABLES WITH READ LOCK waits for running writes; a long SELECT does not delay it, on MySQL as on MariaDB.
# Behaviour: true of MariaDB 11.8. On MySQL 9.7 it waits until the SELECT ends, and writes wait behind it from the moment in which it was sent.
# Why it matters to us: one report of an hour holds all writes of the source for an hour, where a dump with a position (mysqldump --source-data) or a freeze takes this lock.
# Our freeze sets read_only and takes no lock on tables.
# Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mysql; install_mariadb
start_server mysql; start_server mariadb
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check PyMySQL==1.1.2 cryptography==45.0.7 || exit 2
"$work/venv/bin/python" - "$work" <<'PY' | tee "$work/seen"
import sys, threading, time
import pymysql


def connect(name):
    return pymysql.connect(unix_socket=f"{sys.argv[1]}/{name}/srv/data/server.sock", user="root", autocommit=True)


def run(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def wait_until_seen(connection, text):
    for _ in range(200):
        if any(text in str(row[7]) for row in run(connection, "SHOW FULL PROCESSLIST") if "PROCESSLIST" not in str(row[7])):
            return
        time.sleep(0.05)
    sys.exit(f"{text} was not seen")


for name in ("mysql", "mariadb"):
    reader, locker, writer, watcher = (connect(name) for _ in range(4))
    run(watcher, "CREATE DATABASE d")
    run(watcher, "CREATE TABLE d.t (id INT PRIMARY KEY)")
    run(watcher, "INSERT INTO d.t VALUES (1)")
    ends = {}

    def work(label, connection, *statements):
        for statement in statements:
            run(connection, statement)
        ends[label] = time.monotonic()

    threads = [threading.Thread(target=work, args=("select", reader, "SELECT id, SLEEP(8) FROM d.t"))]
    threads[0].start()
    wait_until_seen(watcher, "SLEEP(8)")
    began = time.monotonic()
    threads.append(threading.Thread(target=work, args=("lock", locker, "FLUSH TABLES WITH READ LOCK", "UNLOCK TABLES")))
    threads[1].start()
    if name == "mysql":
        wait_until_seen(watcher, "FLUSH TABLES")
    threads.append(threading.Thread(target=work, args=("write", writer, "INSERT INTO d.t VALUES (2)")))
    threads[2].start()
    for thread in threads:
        thread.join()
    print(f"seconds from the lock's order: lock {ends['lock'] - began:.1f}, write {ends['write'] - began:.1f}, end of the SELECT {ends['select'] - began:.1f}", file=sys.stderr)
    for label in ("lock", "write"):
        print(f"{name}: the {label} waits for the SELECT:", ends[label] > ends["select"] - 1)
PY
diff "$work/seen" - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
mysql: the lock waits for the SELECT: True
mysql: the write waits for the SELECT: True
mariadb: the lock waits for the SELECT: False
mariadb: the write waits for the SELECT: False
SEEN
