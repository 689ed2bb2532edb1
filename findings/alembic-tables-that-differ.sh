#!/usr/bin/env bash
# Guess: compare_metadata() of Alembic, given the tables that SQLAlchemy reflects of one server and a connection to the other, with compare_type and
# compare_server_default, finds columns and indexes that differ; its documentation leaves out CHECK and some names.
# Behaviour: it finds another collation, length, default or set of ENUM members, and no difference of INT and INT UNSIGNED, DATETIME and DATETIME(6), the order of ENUM members,
# the prefix and the direction of an index, FULLTEXT, invisible columns and the primary key. Nothing warns of them.
# Why it matters to us: a target whose tables it calls equal refuses numbers, cuts fractions of seconds, and counts ENUM members otherwise. We compare
# information_schema of both servers. Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mysql; start_server mysql
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check alembic==1.20.1 SQLAlchemy==2.1.9 PyMySQL==1.2.4 || exit 2
"$work/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -E '^(alembic|SQLAlchemy) '
"$work/venv/bin/python" - "$work/mysql/srv/data/server.sock" >"$work/seen" 2>"$work/errors" <<'PY' || { cat "$work/errors"; echo "the tables could not be compared"; exit 2; }
import sys
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
CASES = {
    "collation": ("v VARCHAR(9) COLLATE utf8mb4_bin", "v VARCHAR(9) COLLATE utf8mb4_0900_ai_ci"),
    "length": ("v VARCHAR(9)", "v VARCHAR(20)"),
    "default": ("v INT DEFAULT 1", "v INT DEFAULT 2"),
    "members of ENUM": ("v ENUM('a', 'b')", "v ENUM('a', 'b', 'c')"),
    "order of ENUM": ("v ENUM('a', 'b')", "v ENUM('b', 'a')"),
    "UNSIGNED": ("v INT", "v INT UNSIGNED"),
    "fraction of a second": ("v DATETIME", "v DATETIME(6)"),
    "prefix of an index": ("v VARCHAR(99), KEY k (v)", "v VARCHAR(99), KEY k (v(5))"),
    "direction of an index": ("v INT, KEY k (v)", "v INT, KEY k (v DESC)"),
    "FULLTEXT": ("v TEXT, KEY k (v(9))", "v TEXT, FULLTEXT KEY k (v)"),
    "UNIQUE": ("v INT, KEY k (v)", "v INT, UNIQUE KEY k (v)"),
    "INVISIBLE": ("v INT", "v INT INVISIBLE"),
    "primary key": ("v INT NOT NULL, PRIMARY KEY (id)", "v INT NOT NULL, PRIMARY KEY (id, v)"),
}
engine = sqlalchemy.create_engine(f"mysql+pymysql://root@localhost/?unix_socket={sys.argv[1]}")
def make(number, side, columns):
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE d{number}_{side}")
        connection.exec_driver_sql(f"CREATE TABLE d{number}_{side}.t (id INT NOT NULL, {columns})")
    return sqlalchemy.create_engine(engine.url.set(database=f"d{number}_{side}"))
for number, (title, sides) in enumerate(CASES.items()):
    one, other = (make(number, side, columns) for side, columns in enumerate(sides))
    tables = sqlalchemy.MetaData(); tables.reflect(one)
    with other.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        print(f"{title}: {'found' if compare_metadata(context, tables) else 'not found'}")
PY
cat "$work/seen"
diff <(sed -n 's/: not found//p' "$work/seen" | paste -sd,) - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
order of ENUM,UNSIGNED,fraction of a second,prefix of an index,direction of an index,FULLTEXT,INVISIBLE,primary key
SEEN
[[ $(wc -l <"$work/seen") == 13 ]] || { echo "the behaviour has changed"; exit 1; }
