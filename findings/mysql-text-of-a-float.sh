#!/usr/bin/env bash
# Guess: a FLOAT that is read as text and written again is the same number; a server prints as many digits as are needed, as it does for a DOUBLE.
# Behaviour: both products print six digits, so that a copy by INSERT ... VALUES has another number (1234567.75 becomes 1234570). All the bits are in
# HEX(ST_AsWKB(POINT(f + 0e0, 0))); the text of f + 0e0, a DOUBLE, is exact as well.
# Why it matters to us: floats are compared by that expression; their text would call two different numbers equal. Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mariadb; install_mysql; start_server mariadb; start_server mysql
for name in mariadb mysql; do
  ask $name "CREATE DATABASE d; CREATE TABLE d.t (f FLOAT, copy FLOAT); INSERT INTO d.t (f) VALUES (1234567.75)"
  ask $name "UPDATE d.t SET copy = $(ask $name "SELECT f FROM d.t")"
  echo "$name: $(ask $name "SELECT f, copy, f = copy, f + 0e0, copy + 0e0, HEX(ST_AsWKB(POINT(f + 0e0, 0))) FROM d.t" | tr '\t' ' ')"
done | tee "$work/seen"
[[ $(grep -c ": 1234570 1234570 0 1234567.75 1234570 0101000000000000C087D63241" "$work/seen") == 2 ]] || { echo "the behaviour has changed"; exit 1; }
