#!/usr/bin/env bash
# Guess: MariaDB 11.8 executes what stands in /*!80023 … */ of a dump, because its version number is higher.
# Behaviour: it executes /*!40101 … */ and skips all numbers from 50700 to 99999. A table that mysqldump 9.7 wrote has neither INVISIBLE columns and indexes there, nor the SRID
# of a place, and a check that was NOT ENFORCED is enforced. Nothing is reported.
# Why it matters to us: SELECT * has one column more, INSERT without names of columns fails (error 1136), and rows that MySQL had taken are refused: so it is
# after a way back from the target by a dump. Our target is MySQL, and the scratch copy runs SHOW CREATE TABLE on the server that it comes from (database/scratch.py).
# Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mysql; install_mariadb
start_server mysql; start_server mariadb
ask mysql "CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY, secret INT INVISIBLE, number INT, place POINT NOT NULL SRID 4326, KEY by_number (number) INVISIBLE,
  CONSTRAINT positive CHECK (number > 0) NOT ENFORCED)"
chroot "$work/mysql" mysqldump --no-defaults -u root -S /srv/data/server.sock --set-gtid-purged=OFF d >"$work/dump" || { echo "mysqldump failed"; exit 2; }
grep -o '/\*!80[0-9]* [^*]*\*/' "$work/dump" | sed 's/^/in the dump: /'
ask mariadb "CREATE DATABASE d"
chroot "$work/mariadb" mariadb --no-defaults -u root -S /srv/data/server.sock d <"$work/dump" && echo "loaded, exit code 0"
try() { # $1: mysql or mariadb, $2: a statement; prints "done" or the number of the error
  local error; error=$(ask "$1" "$2" | grep -o 'ERROR [0-9]*') || true; echo "${error:-done}"
}
for name in mysql mariadb; do
  kept=$(ask $name "SHOW CREATE TABLE d.t" | { grep -oE 'INVISIBLE|SRID 4326|NOT ENFORCED' || true; } | sort | uniq -c | xargs)
  echo "$name: ${kept:-none of them}"
  echo "$name: INSERT without names of columns: $(try $name "INSERT INTO d.t VALUES (1, 1, ST_GeomFromText('POINT(1 2)', 4326))")"
  echo "$name: number -1: $(try $name "INSERT INTO d.t (id, number, place) VALUES (2, -1, ST_GeomFromText('POINT(1 2)', 4326))")"
  echo "$name: place of another SRID: $(try $name "INSERT INTO d.t (id, number, place) VALUES (3, 1, ST_GeomFromText('POINT(1 2)', 0))")"
done | tee "$work/seen"
diff "$work/seen" - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
mysql: 2 INVISIBLE 1 NOT ENFORCED 1 SRID 4326
mysql: INSERT without names of columns: done
mysql: number -1: done
mysql: place of another SRID: ERROR 3643
mariadb: none of them
mariadb: INSERT without names of columns: ERROR 1136
mariadb: number -1: ERROR 4025
mariadb: place of another SRID: done
SEEN
