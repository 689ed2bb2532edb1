#!/usr/bin/env bash
# Guess: text and bytes in one expression give bytes on both products, and the bytes may come from a column or from a literal alike.
# Behaviour: only bytes of a column stay bytes. A literal (X'FF', 0xFF) beside a text column is taken for UTF-8, and one that is none is an error: 1300 on MariaDB,
# 3854 on MySQL, in a comparison as well as in CONCAT. With CHAR(255), MariaDB gives bytes and MySQL the error.
# Why it matters to us: separators and marks in the digests of rows have to be valid text, or every part has to be HEX. Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mariadb; install_mysql; start_server mariadb; start_server mysql
for name in mariadb mysql; do
  ask $name "CREATE DATABASE d; CREATE TABLE d.r (t VARCHAR(9) CHARACTER SET utf8mb4, b VARBINARY(9)); INSERT INTO d.r VALUES ('a', X'FF')"
  for value in "CONCAT(t, b)" "CONCAT(t, X'FF')" "CONCAT_WS(0xFF, t, t)" "CONCAT(t, CHAR(255))" "t = X'FF'"; do
    echo "$name: $value: $(ask $name "SELECT HEX($value) FROM d.r" | tail -1)"
  done
done | tee "$work/seen"
[[ $(grep -c "^mariadb: .*ERROR 1300" "$work/seen") == 3 && $(grep -c "^mysql: .*ERROR 3854" "$work/seen") == 4 &&
  $(grep -c "CONCAT(t, b): 61FF$" "$work/seen") == 2 && $(grep -c "^mariadb: CONCAT(t, CHAR(255)): 61FF" "$work/seen") == 1 ]] ||
  { echo "the behaviour has changed"; exit 1; }
