#!/usr/bin/env bash
# Guess: information_schema.columns shows the default of a BINARY column, so that two servers' tables can be compared by it.
# Behaviour: MySQL writes it in hexadecimal but stops at the first zero byte: b'\0\xff' and no byte at all both read 0x, and the padding of BINARY(4) is
# not shown. An empty default is empty text there. MariaDB 11.8 writes all bytes, as x'…'.
# Why it matters to us: a table made from the source's own DDL looked different the second time. Defaults of bytes are compared up to the first zero byte.
# Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mariadb; install_mysql; start_server mariadb; start_server mysql
for name in mariadb mysql; do
  ask $name "CREATE DATABASE d; CREATE TABLE d.t (a BINARY(4) DEFAULT 'ab', b BINARY(4) DEFAULT 0x00FF, c VARBINARY(4) DEFAULT 0x410042, d VARBINARY(4) DEFAULT '')"
  echo "$name: $(ask $name "SELECT column_default FROM information_schema.columns WHERE table_schema = 'd' ORDER BY ordinal_position" | tr '\n' ' ')"
done | tee "$work/seen"
grep -qi "^mariadb: x'61620000' x'00ff0000' x'410042' " "$work/seen" && grep -q "^mysql: 0x6162 0x 0x41  " "$work/seen" ||
  { echo "the behaviour has changed"; exit 1; }
