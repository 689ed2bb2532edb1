#!/usr/bin/env bash
# Guess: a dump of mydumper has every column of a table, as one of mysqldump has, and the position of the binary log from which a replica can follow it.
# Behaviour: the version that Debian ships, also in sid, reads "SELECT *", which leaves out invisible columns: their values are missing, and the table in the dump
# has the column, empty. A generated invisible primary key is missing in the same way. Of MySQL 9.7 the dump has no position, because SHOW MASTER STATUS is gone.
# The exit code is 0, and nothing is reported. mysqldump names the columns and has all values.
# Why it matters to us: a copy by hand before a migration, or a start from a dump, is incomplete. Our comparison reads columns by name, invisible ones included.
# Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mysql mydumper=0.10.1-2 "mysql-client=$MYSQL"; start_server mysql
ask mysql "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, v INT INVISIBLE, w INT); INSERT INTO d.t (id, v, w) VALUES (1, 5, 6);
  SET SESSION sql_generate_invisible_primary_key = ON; CREATE TABLE d.without_key (w INT); INSERT INTO d.without_key (my_row_id, w) VALUES (42, 7)"
chroot "$work/mysql" mydumper --version
code=0; chroot "$work/mysql" mydumper -u root -S /srv/data/server.sock -B d -o /tmp/dump >"$work/log" 2>&1 || code=$?
echo "mydumper: exit code $code, messages: $(grep -c . "$work/log" || true)" | tee "$work/seen"
for table in t without_key; do echo "mydumper: $(grep -A1 '^INSERT' "$work/mysql/tmp/dump/d.$table.sql" | tr '\n' ' ')"; done | tee -a "$work/seen"
echo "mydumper: lines with a position: $(grep -ci 'log\.[0-9]\|Pos:' "$work/mysql/tmp/dump/metadata" || true)" | tee -a "$work/seen"
chroot "$work/mysql" mysqldump --no-defaults -u root -S /srv/data/server.sock --source-data=2 d 2>&1 | grep -E '^INSERT|^-- CHANGE' | sed 's/^/mysqldump: /' | tee -a "$work/seen"
diff <(sed 's/ *$//; s/log\.[0-9]*/LOG/; s/POS=[0-9]*/POS=N/' "$work/seen") - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
mydumper: exit code 0, messages: 0
mydumper: INSERT INTO `t` VALUES (1,6);
mydumper: INSERT INTO `without_key` VALUES (7);
mydumper: lines with a position: 0
mysqldump: -- CHANGE REPLICATION SOURCE TO SOURCE_LOG_FILE='LOG', SOURCE_LOG_POS=N;
mysqldump: INSERT INTO `t` (`id`, `v`, `w`) VALUES (1,5,6);
mysqldump: INSERT INTO `without_key` (`my_row_id`, `w`) VALUES (42,7);
SEEN
