#!/usr/bin/env bash
# Guess: after `disable frontend` of the runtime API, no new client is served until `enable frontend`, whatever address the frontend listens on.
# Behaviour: 2.6 (Debian 12) reports the frontend as PAUSED and refuses new TCP connections, but on a Unix socket it serves new clients as before, also where one frontend
# listens on both. The command returns no error. (3.0 of Debian 13 lets clients of a Unix socket wait.)
# Why it matters to us: whoever stops writes by this command behind another local proxy (nginx, a tunnel of SSH) still gets writes. Our freeze is a rule that each request
# passes, and does not depend on the kind of listener.
# Needs Debian 12 with apt.
set -euo pipefail
HAPROXY=2.6.12-1+deb12u4
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
(cd "$work" && apt-get -qq download "haproxy=$HAPROXY" liblua5.3-0 2>"$work/apt" && for file in *.deb; do dpkg -x "$file" .; done) ||
  { cat "$work/apt"; echo "the package could not be installed"; exit 2; }
export LD_LIBRARY_PATH=$work/usr/lib/x86_64-linux-gnu
"$work/usr/sbin/haproxy" -v | sed -n 1p
python3 - "$work" <<'PY' || exit
import os, socket, subprocess, sys, time
work = sys.argv[1]
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
with open(f"{work}/haproxy.cfg", "w") as file:
    file.write(f"""global
    stats socket {work}/admin.sock level admin
defaults
    mode http
    timeout client 60s
frontend tcp
    bind 127.0.0.1:{port}
    http-request return status 200 content-type text/plain string served
frontend unix
    bind unix@{work}/unix.sock
    http-request return status 200 content-type text/plain string served
frontend both
    bind 127.0.0.2:{port}
    bind unix@{work}/both.sock
    http-request return status 200 content-type text/plain string served
""")
FRONTENDS = {"tcp": [("127.0.0.1", port)], "unix": [f"{work}/unix.sock"], "both": [("127.0.0.2", port), f"{work}/both.sock"]}


def converse(address, text):
    with socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET) as client:
        client.settimeout(3)
        client.connect(address)
        client.sendall(text.encode())
        return b"".join(iter(lambda: client.recv(65536), b"")).decode()


def get(address):
    try:
        return "served" if converse(address, "GET / HTTP/1.0\r\n\r\n").endswith("served") else "other"
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "waits"


def status(name):
    return next(line.split(",")[17] for line in converse(f"{work}/admin.sock", "show stat\n").splitlines() if line.startswith(f"{name},FRONTEND,"))


with open(f"{work}/log", "w") as log:
    server = subprocess.Popen([f"{work}/usr/sbin/haproxy", "-f", f"{work}/haproxy.cfg"], stdout=log, stderr=log)
try:
    for _ in range(100):
        if os.path.exists(f"{work}/admin.sock"):
            break
        time.sleep(0.1)
    else:
        print(open(f"{work}/log").read(), "HAProxy did not start")
        sys.exit(2)
    seen = []
    for name, addresses in FRONTENDS.items():
        before = [get(address) for address in addresses]
        error = converse(f"{work}/admin.sock", f"disable frontend {name}\n").strip()
        seen.append((name, before, error, status(name), [get(address) for address in addresses]))
        converse(f"{work}/admin.sock", f"enable frontend {name}\n")
        print(f"{name}: {before}; disabled: error {error!r}, status {seen[-1][3]}, new clients {seen[-1][4]}; enabled: {[get(address) for address in addresses]}")
finally:
    server.terminate()
    server.wait()
if [(status, new) for *_, status, new in seen] != [("PAUSED", ["refused"]), ("PAUSED", ["served"]), ("PAUSED", ["refused", "served"])]:
    print("the behaviour has changed")
    sys.exit(1)
PY
