#!/usr/bin/env bash
# Guess: REVOKE INSERT ON schema.* stops the next INSERT of every connected session, at the latest after FLUSH PRIVILEGES.
# Behaviour: on MySQL 9.7 and MariaDB 11.8 a session keeps its rights on the schema that it has selected (the database of its connection) until it selects one again. A session that
# names the schema in its statements loses them at once. SHOW GRANTS of the session that still writes shows SELECT alone.
# Why it matters to us: an application selects its schema when it connects, so a freeze by REVOKE lets its pool write on, and everything that one looks at says the contrary.
# Our freeze is read_only, or a schema that is read only; decision 0075 gives the reasons against REVOKE.
# Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mysql; install_mariadb
start_server mysql; start_server mariadb
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check PyMySQL==1.1.2 cryptography==45.0.7 || exit 2
"$work/venv/bin/python" - "$work" <<'PY' | tee "$work/seen"
import sys
import pymysql


def connect(name, **options):
    return pymysql.connect(unix_socket=f"{sys.argv[1]}/{name}/srv/data/server.sock", autocommit=True, **options)


def run(connection, *statements):
    with connection.cursor() as cursor:
        try:
            for statement in statements:
                cursor.execute(statement)
        except pymysql.Error as error:
            return f"error {error.args[0]}"
        return cursor.fetchall()


def insert(connection):
    result = run(connection, "INSERT INTO d.t () VALUES ()")
    return result or "done"


for name in ("mysql", "mariadb"):
    root = connect(name, user="root")
    run(root, "CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT)", "CREATE USER pool@localhost IDENTIFIED BY 'pool'")
    run(root, "GRANT SELECT, INSERT ON d.* TO pool@localhost")
    selected = connect(name, user="pool", password="pool", database="d")
    naming = connect(name, user="pool", password="pool")
    print(f"{name}: granted: {insert(selected)}, {insert(naming)}")
    run(root, "REVOKE INSERT ON d.* FROM pool@localhost")
    print(f"{name}: after REVOKE: schema selected: {insert(selected)}, schema named: {insert(naming)}")
    run(root, "FLUSH PRIVILEGES")
    print(f"{name}: after FLUSH PRIVILEGES: schema selected: {insert(selected)}")
    print(f"{name}: the session's SHOW GRANTS has INSERT:", any("INSERT" in str(row) for row in run(selected, "SHOW GRANTS")))
    print(f"{name}: after USE: {run(selected, 'USE d') or insert(selected)}")
PY
diff "$work/seen" - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
mysql: granted: done, done
mysql: after REVOKE: schema selected: done, schema named: error 1142
mysql: after FLUSH PRIVILEGES: schema selected: done
mysql: the session's SHOW GRANTS has INSERT: False
mysql: after USE: error 1142
mariadb: granted: done, done
mariadb: after REVOKE: schema selected: done, schema named: error 1142
mariadb: after FLUSH PRIVILEGES: schema selected: done
mariadb: the session's SHOW GRANTS has INSERT: False
mariadb: after USE: error 1142
SEEN
