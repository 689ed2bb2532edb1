#!/usr/bin/env bash
# Guess: whoever may read two tables sees their foreign key in information_schema.referential_constraints, as SHOW CREATE TABLE shows it to him.
# Behaviour: true of MySQL. MariaDB shows no row to a user who may only SELECT, and raises nothing, although key_column_usage and SHOW CREATE TABLE show the key.
# Why it matters to us: "no rules" of a reading user means "not shown", not "none"; what only one of two readers is shown is not compared.
# Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mariadb; install_mysql; start_server mariadb; start_server mysql
for name in mariadb mysql; do
  ask $name "CREATE DATABASE d; CREATE TABLE d.p (id INT PRIMARY KEY);
    CREATE TABLE d.c (id INT PRIMARY KEY, p INT, CONSTRAINT rule FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE);
    CREATE USER reader@localhost IDENTIFIED BY ''; GRANT SELECT ON d.* TO reader@localhost"
  rules="SELECT COUNT(*) FROM information_schema.referential_constraints WHERE constraint_schema = 'd'"
  keys="SELECT COUNT(*) FROM information_schema.key_column_usage WHERE constraint_schema = 'd' AND referenced_table_name = 'p'"
  shown=$(ask $name "SHOW CREATE TABLE d.c" -u reader | grep -c 'ON DELETE CASCADE')
  echo "$name: rules for root $(ask $name "$rules"), for the reader $(ask $name "$rules" -u reader); keys $(ask $name "$keys" -u reader); DDL $shown"
done | tee "$work/seen"
[[ $(<"$work/seen") == $'mariadb: rules for root 1, for the reader 0; keys 1; DDL 1\nmysql: rules for root 1, for the reader 1; keys 1; DDL 1' ]] ||
  { echo "the behaviour has changed"; exit 1; }
