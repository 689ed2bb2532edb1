#!/usr/bin/env bash
# Guess: both products sort the names in information_schema in the same order: both compare without case, and the names are plain ASCII.
# Behaviour: MySQL compares as lower case (`_` before `a`), MariaDB as upper case (`_` after `Z`): the same columns come back in another order.
# Why it matters to us: what is read of both servers is sorted in Python, or paired by name, before it is compared. Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mariadb; install_mysql; start_server mariadb; start_server mysql
for name in mariadb mysql; do
  ask $name "CREATE DATABASE d; CREATE TABLE d.t (user_id INT, userid INT, username INT)"
  ask $name "SELECT column_name FROM information_schema.columns WHERE table_schema = 'd' ORDER BY column_name" | paste -sd ' ' | tee "$work/$name.names"
done
[[ $(<"$work/mariadb.names") == "userid username user_id" && $(<"$work/mysql.names") == "user_id userid username" ]] || { echo "the behaviour has changed"; exit 1; }
