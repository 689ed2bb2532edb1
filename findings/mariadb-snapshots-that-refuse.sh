#!/usr/bin/env bash
# Guess: REPEATABLE READ of InnoDB is the same in MySQL and MariaDB: an UPDATE of a row that another session changed since the snapshot is applied to the new row.
# Behaviour: true of MySQL 9.7. MariaDB 11.8 refuses it with error 1020, "Record has changed since last read", and SELECT … FOR UPDATE as well, without any wait or deadlock, and
# the transaction is rolled back. innodb_snapshot_isolation, which is ON there, does so; MySQL does not have it.
# Why it matters to us: our target is MySQL. An application on MariaDB 11.8 loses this protection against lost updates by the move, and no comparison of rows shows it; the
# other way it gets errors under load that no test with one client shows. The rehearsal's MariaDB is 10.11, where the setting is OFF.
# Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mysql; install_mariadb
start_server mysql; start_server mariadb
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check PyMySQL==1.1.2 cryptography==45.0.7 || exit 2
"$work/venv/bin/python" - "$work" <<'PY' | tee "$work/seen"
import sys
import pymysql


def run(connection, statement):
    with connection.cursor() as cursor:
        try:
            cursor.execute(statement)
        except pymysql.Error as error:
            return f"error {error.args[0]}"
        return "; ".join(str(value) for row in cursor.fetchall() for value in row) or "done"


for name in ("mysql", "mariadb"):
    first, second = (pymysql.connect(unix_socket=f"{sys.argv[1]}/{name}/srv/data/server.sock", user="root", autocommit=True) for _ in range(2))
    print(f"{name}: isolation {run(first, 'SELECT @@transaction_isolation')}, innodb_snapshot_isolation", run(first, "SELECT @@innodb_snapshot_isolation"))
    run(first, "CREATE DATABASE d")
    run(first, "CREATE TABLE d.t (id INT PRIMARY KEY, number INT)")
    run(first, "INSERT INTO d.t VALUES (1, 10), (2, 10)")
    for statement in ("UPDATE d.t SET number = number + 1 WHERE id = 1", "SELECT number FROM d.t WHERE id = 1 FOR UPDATE"):
        run(first, "UPDATE d.t SET number = 10")
        run(first, "START TRANSACTION")
        run(first, "UPDATE d.t SET number = 11 WHERE id = 2")
        run(first, "SELECT number FROM d.t")
        run(second, "UPDATE d.t SET number = 20 WHERE id = 1")
        print(f"{name}: {statement.split()[0]} of a changed row:", run(first, statement))
        run(first, "COMMIT")
        print(f"{name}: rows after COMMIT:", run(second, "SELECT number FROM d.t"))
PY
diff "$work/seen" - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
mysql: isolation REPEATABLE-READ, innodb_snapshot_isolation error 1193
mysql: UPDATE of a changed row: done
mysql: rows after COMMIT: 21; 11
mysql: SELECT of a changed row: 20
mysql: rows after COMMIT: 20; 11
mariadb: isolation REPEATABLE-READ, innodb_snapshot_isolation 1
mariadb: UPDATE of a changed row: error 1020
mariadb: rows after COMMIT: 20; 10
mariadb: SELECT of a changed row: error 1020
mariadb: rows after COMMIT: 20; 10
SEEN
