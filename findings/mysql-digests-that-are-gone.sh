#!/usr/bin/env bash
# Guess: MD5() and SHA1() of SQL are everywhere, in every MySQL and MariaDB, so that rows of two servers can be compared by them.
# Behaviour: MySQL 9.7 has neither (error 1305, "FUNCTION does not exist"); SHA2() is there. MariaDB 11.8 has all three.
# Why it matters to us: the digests of rows are made by the servers themselves, and a shorter one than SHA2 would save time. Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mariadb; install_mysql; start_server mariadb; start_server mysql
for name in mariadb mysql; do
  ask $name "CREATE DATABASE d"
  for digest in "MD5('a')" "SHA1('a')" "SHA('a')" "SHA2('a', 256)"; do echo "$name: $digest: $(ask $name "SELECT $digest" d)"; done
done | tee "$work/seen"
[[ $(grep -c "^mysql: .*ERROR 1305" "$work/seen") == 3 && $(grep -c "^mysql: SHA2.*ca978112" "$work/seen") == 1 &&
  $(grep -c "^mariadb: .*ERROR" "$work/seen") == 0 ]] ||
  { echo "the behaviour has changed"; exit 1; }
