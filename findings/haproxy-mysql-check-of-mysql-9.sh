#!/usr/bin/env bash
# Guess: `option mysql-check user NAME` of HAProxy shows a server as UP where an account NAME without a password exists, on MariaDB and on MySQL.
# Behaviour: MySQL 9.7 refuses the check with "Client does not support authentication protocol", whatever the account, so the server is DOWN for ever. HAProxy knows
# only mysql_native_password, which MySQL 9 no longer has. With MariaDB the same line is UP. The check without a user is UP on both.
# Why it matters to us: a proxy before a MariaDB source calls the new MySQL down, with an account that was copied. Our proxies check the application only.
# Needs root (Debian roots), and Debian 12 with apt.
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
HAPROXY=2.6.12-1+deb12u4
install_mariadb; install_mysql
start_server mariadb --skip-networking=0 --bind-address=127.9.0.11 --port=33061 --skip-name-resolve
start_server mysql --skip-networking=0 --bind-address=127.9.0.12 --port=33061 --skip-name-resolve
(cd "$work" && apt-get -qq download "haproxy=$HAPROXY" liblua5.3-0 2>"$work/apt" && for file in *.deb; do dpkg -x "$file" haproxy; done) ||
  { cat "$work/apt"; echo "the package could not be installed"; exit 2; }
export LD_LIBRARY_PATH=$work/haproxy/usr/lib/x86_64-linux-gnu
"$work/haproxy/usr/sbin/haproxy" -v | sed -n 1p
for name in mariadb mysql; do ask $name "CREATE USER checker@'%'"; done
cat >"$work/haproxy.cfg" <<CFG
global
    stats socket $work/admin.sock level admin
defaults
    mode tcp
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    default-server check inter 500ms rise 1 fall 1
backend account
    option mysql-check user checker
    server mariadb 127.9.0.11:33061
    server mysql 127.9.0.12:33061
backend greeting
    option mysql-check
    server mariadb 127.9.0.11:33061
    server mysql 127.9.0.12:33061
CFG
"$work/haproxy/usr/sbin/haproxy" -f "$work/haproxy.cfg" >"$work/log" 2>&1 & servers+=($!)
for _ in $(seq 100); do [[ -S $work/admin.sock ]] && break; sleep 0.1; done
[[ -S $work/admin.sock ]] || { cat "$work/log"; echo "HAProxy did not start"; exit 2; }
python3 - "$work/admin.sock" <<'PY' | tee "$work/seen"
import csv, socket, sys, time
def read():
    with socket.socket(socket.AF_UNIX) as runtime:
        runtime.connect(sys.argv[1]); runtime.sendall(b"show stat -1 4 -1\n")
        text = b"".join(iter(lambda: runtime.recv(65536), b"")).decode()
    return list(csv.DictReader(text.removeprefix("# ").strip().splitlines()))
until = time.monotonic() + 30
while time.monotonic() < until and not all(row["check_status"].startswith("L7") and "*" not in row["check_status"] for row in read()):
    time.sleep(0.5)
for row in read():
    print(f"{row['pxname']} of {row['svname']}: {row['status']}, {row['last_chk'] or row['check_status']}")
PY
diff <(sed 's/,.*//' "$work/seen") - <<'SEEN' || { cat "$work/log"; echo "the behaviour has changed"; exit 1; }
account of mariadb: UP
account of mysql: DOWN
greeting of mariadb: UP
greeting of mysql: UP
SEEN
