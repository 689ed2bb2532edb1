#!/usr/bin/env bash
# Guess: the text of a server's error is what the exception of PyMySQL has, whatever the error is.
# Behaviour: an error packet that comes instead of the greeting has no SQL state (the protocol of the client is not agreed yet). 1.0.2 (Debian 12) takes the
# first six characters of the text for one, and cuts them off: "Host '192.0.2.7' is not …" becomes "192.0.2.7' is not …". 1.1.2 does not; the number is right in both.
# Why it matters to us: the tool on the machines runs with the distribution's PyMySQL. For error 1130 it writes a sentence of its own.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
for version in 1.0.2 1.1.2; do
  "$work/venv/bin/pip" install -q --disable-pip-version-check --target "$work/$version" "PyMySQL==$version"
  PYTHONPATH=$work/$version "$work/venv/bin/python" - <<'PY' | tee "$work/$version.seen"
import socket, struct, threading
import pymysql

text = b"Host '192.0.2.7' is not allowed to connect to this server"
server = socket.create_server(("127.0.0.1", 0))

def refuse():
    connection, _ = server.accept()
    body = b"\xff" + struct.pack("<H", 1130) + text  # as the servers send it before their greeting
    connection.sendall(struct.pack("<I", len(body))[:3] + b"\0" + body)
    connection.close()

threading.Thread(target=refuse, daemon=True).start()
try:
    pymysql.connect(host="127.0.0.1", port=server.getsockname()[1], user="reader", password="x")
except pymysql.err.MySQLError as error:
    print("PyMySQL", pymysql.VERSION_STRING, "error", error.args[0], "text:", error.args[1])
PY
done
grep -q "error 1130 text: 192.0.2.7' is not allowed" "$work/1.0.2.seen" && grep -q "error 1130 text: Host '192.0.2.7' is" "$work/1.1.2.seen" ||
  { echo "the behaviour has changed"; exit 1; }
