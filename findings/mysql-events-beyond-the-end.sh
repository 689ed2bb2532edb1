#!/usr/bin/env bash
# Guess: SHOW BINLOG EVENTS FROM a position that the file does not have, or that lies within an event, is an error.
# Behaviour: true of MariaDB beyond the end (error 1220). MySQL gives an empty result, exactly as at the true end; from within an event it goes on with a later one.
# Why it matters to us: an empty answer does not show that nothing was written since a position; the size of the file is read as well. Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mariadb; install_mysql; start_server mariadb; start_server mysql
for name in mariadb mysql; do
  ask $name "CREATE DATABASE d"
  size=$(ask $name "SHOW BINARY LOGS" | tail -1 | cut -f2); file=$(ask $name "SHOW BINARY LOGS" | tail -1 | cut -f1)
  echo "$name: at the end ($size): [$(ask $name "SHOW BINLOG EVENTS IN '$file' FROM $size")]"
  echo "$name: beyond: [$(ask $name "SHOW BINLOG EVENTS IN '$file' FROM $((size + 1000))")]"
  echo "$name: within the first event: [$(ask $name "SHOW BINLOG EVENTS IN '$file' FROM 5" | head -1)]"
done | tee "$work/seen"
[[ $(<"$work/seen") == *"mariadb: beyond: [ERROR 1220"*"mysql: at the end ("*"): []"*"mysql: beyond: []"*"mysql: within the first event: [log."* ]] ||
  { echo "the behaviour has changed"; exit 1; }
