#!/usr/bin/env bash
# Guess: information_schema.tables.auto_increment is the number that the next row will get, on MySQL as on MariaDB.
# Behaviour: MariaDB returns 1 for a table that never had a row, and 4 after three. MySQL returns NULL, and still NULL after three rows and in other sessions: it
# answers from a cache that is a day old at most, unless information_schema_stats_expiry is 0. After TRUNCATE it is NULL again.
# Why it matters to us: the next numbers of both servers are compared; NULL counts as 1, and the cache is switched off first. Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mariadb; install_mysql; start_server mariadb; start_server mysql
next="SELECT COALESCE(auto_increment, 'NULL') FROM information_schema.tables WHERE table_name = 't'"
for name in mariadb mysql; do
  ask $name "CREATE DATABASE d; CREATE TABLE d.t (id INT AUTO_INCREMENT PRIMARY KEY, n INT)"
  seen=$(ask $name "$next"); ask $name "INSERT INTO d.t (n) VALUES (1), (2), (3)"; seen+=" $(ask $name "$next")"
  if [[ $name == mysql ]]; then seen+=" $(ask $name "SET SESSION information_schema_stats_expiry = 0; $next")"; fi
  ask $name "TRUNCATE d.t"
  if [[ $name == mysql ]]; then seen+=" $(ask $name "SET SESSION information_schema_stats_expiry = 0; $next")"; else seen+=" $(ask $name "$next")"; fi
  echo "$name: $seen" | tee -a "$work/seen"
done
[[ $(<"$work/seen") == $'mariadb: 1 4 1\nmysql: NULL NULL 4 NULL' ]] || { echo "the behaviour has changed"; exit 1; }
