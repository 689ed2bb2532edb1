#!/usr/bin/env bash
# Guess: a time that MariaDB holds goes into MySQL unchanged: both have TIMESTAMP and DATETIME of the same name and range.
# Behaviour: MariaDB (11.5 and later) stores TIMESTAMP '2050-01-01'; MySQL refuses it (error 1292), its range still ends in January 2038. And a literal with
# nine tenths of a second is cut by MariaDB and rounded by MySQL when the column has no fraction: at the end of December the year differs.
# Why it matters to us: statements that are replayed on the other product give other rows, and one late time stops the load of its table. Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mariadb; install_mysql; start_server mariadb; start_server mysql
for name in mariadb mysql; do
  ask $name "CREATE DATABASE d; CREATE TABLE d.t (late TIMESTAMP NULL, d DATETIME)"
  ask $name "INSERT INTO d.t (late) VALUES ('2050-01-01 00:00:00')"
  ask $name "INSERT INTO d.t (d) VALUES ('2026-12-31 23:59:59.9')"
  ask $name "SELECT late, d FROM d.t"
done | tee "$work/seen"
[[ $(<"$work/seen") == $'2050-01-01 00:00:00\tNULL\nNULL\t2026-12-31 23:59:59\nERROR 1292'*$'\nNULL\t2027-01-01 00:00:00' ]] ||
  { echo "the behaviour has changed"; exit 1; }
