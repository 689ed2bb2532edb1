#!/usr/bin/env bash
# Guess: after `set server … addr …` of the runtime API each new request goes to the new address, whatever http-reuse says.
# Behaviour: with `http-reuse never`, a client that keeps its connection alive stays on the old address in 2.6 (Debian 12), request after request, while a new client
# is sent to the new one. Nothing shows it. With the default (safe) the old connections are closed and both go to the new address.
# Why it matters to us: after a switch by this command two sites would get writes. Our proxy forwards by a configuration that it loads, not by
# a change of an address.
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
import http.client, os, socket, subprocess, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
work = sys.argv[1]


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        name = {"127.0.0.9": b"old", "127.0.0.10": b"new"}[self.server.server_address[0]]
        self.send_response(200)
        self.send_header("Content-Length", str(len(name)))
        self.end_headers()
        self.wfile.write(name)

    def log_message(self, *_):
        pass


class Quiet(ThreadingHTTPServer):
    def handle_error(self, *_):
        pass


class Client(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect(f"{work}/site.sock")

    def write(self):
        self.request("POST", "/", b"write")
        return self.getresponse().read().decode()


def command(text):
    with socket.socket(socket.AF_UNIX) as runtime:
        runtime.connect(f"{work}/admin.sock")
        runtime.sendall(text.encode() + b"\n")
        return b"".join(iter(lambda: runtime.recv(65536), b"")).decode().strip()


old = Quiet(("127.0.0.9", 0), Site)
new = Quiet(("127.0.0.10", old.server_port), Site)
for site in (old, new):
    threading.Thread(target=site.serve_forever, daemon=True).start()
seen = []
for reuse in ("never", "safe"):
    with open(f"{work}/haproxy.cfg", "w") as file:
        file.write(f"""global
    stats socket {work}/admin.sock level admin
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend site
    bind unix@{work}/site.sock
    default_backend upstream
backend upstream
    http-reuse {reuse}
    server site 127.0.0.9:{old.server_port}
""")
    for name in ("admin.sock", "site.sock"):
        if os.path.exists(f"{work}/{name}"):
            os.remove(f"{work}/{name}")
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
        kept = Client("site")
        first = kept.write()
        print(f"http-reuse {reuse}: {first}; {command('set server upstream/site addr 127.0.0.10')}")
        after = [kept.write(), Client("site").write(), kept.write()]
        print(f"  the client that keeps its connection: {after[0]}, then {after[2]}; a new client: {after[1]}")
        seen.append((first, *after))
    finally:
        server.terminate()
        server.wait()
if seen != [("old", "old", "new", "old"), ("old", "new", "new", "new")]:
    print("the behaviour has changed")
    sys.exit(1)
PY
