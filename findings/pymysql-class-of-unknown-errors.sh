#!/usr/bin/env bash
# Guess: a server's error that PyMySQL does not list by number (1290 read only, 1205 lock wait timeout, 1054 unknown column) raises the same class in every version.
# Behaviour: 0.9.3 (Debian 11) raises InternalError for all of them, 1.1.2 raises OperationalError; neither class is derived from the other.
# A deadlock (1213) is listed, and an OperationalError in both.
# Why it matters to us: the tool on the machines runs with the distribution's PyMySQL; it has to look at the number, or to catch DatabaseError.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
for version in 0.9.3 1.1.2; do
  "$work/venv/bin/pip" install -q --disable-pip-version-check --target "$work/$version" "PyMySQL==$version"
  PYTHONPATH=$work/$version "$work/venv/bin/python" - $version <<'PY' | tee "$work/$version.seen"
import struct, sys
from pymysql import err
for number in (1290, 1205, 1054, 1213):
    try:
        err.raise_mysql_exception(b"\xff" + struct.pack("<H", number) + b"#HY000text of the server")  # an error packet of the protocol
    except err.MySQLError as error:
        print("PyMySQL", sys.argv[1], "error", number, "raises", type(error).__name__)
PY
done
[[ $(grep -c InternalError "$work/0.9.3.seen") == 3 && $(grep -c OperationalError "$work/0.9.3.seen") == 1 &&
  $(grep -c OperationalError "$work/1.1.2.seen") == 4 ]] ||
  { echo "the behaviour has changed"; exit 1; }
