#!/usr/bin/env bash
# Guess: a client that leaves while an action in Lua waits takes its request with it, at least with `option abortonclose`.
# Behaviour: without the option nothing notices that the client has closed its connection. The action waits to its end, the server gets the request, and the log shows its response.
# With the option (it must be in `defaults`: in the frontend it is ignored with a warning) the action ends when the client leaves, with an alert about an expired timeout. The rules
# after it go on, so the server gets the request even earlier.
# Why it matters to us: writes wait in such an action during the window. The rules after it read the mode again, and refuse while it is frozen, so no write of a client that left is sent.
# Needs Debian 12 with apt.
set -euo pipefail
HAPROXY=2.6.12-1+deb12u4
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
(cd "$work" && apt-get -qq download "haproxy=$HAPROXY" liblua5.3-0 2>"$work/apt" && for file in *.deb; do dpkg -x "$file" .; done) ||
  { cat "$work/apt"; echo "the package could not be installed"; exit 2; }
export LD_LIBRARY_PATH=$work/usr/lib/x86_64-linux-gnu
"$work/usr/sbin/haproxy" -v | sed -n 1p

cat >"$work/wait.lua" <<'LUA'
core.register_action("wait", { "http-req" }, function()
    for _ = 1, 40 do core.msleep(50) end
end)
LUA
cat >"$work/try.py" <<'PY'
"""A server that keeps what it receives, and a client that leaves after 0.3 s of the 2 s for which its request waits."""
import http.server, pathlib, re, socket, socketserver, subprocess, sys, threading, time

work = pathlib.Path(sys.argv[1])
received = []


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    def handle_error(self, *_): ...  # the proxy may have left too


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        received.append(time.monotonic())
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_): ...


threading.Thread(target=Server(str(work / "server.sock"), Handler).serve_forever, daemon=True).start()
for option in ("", "option abortonclose"):
    (work / "haproxy.cfg").write_text(f"""
global
    lua-load {work}/wait.lua
    log stdout format raw local0
defaults
    mode http
    log global
    option httplog
    {option}
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend site
    bind unix@{work}/site.sock
    http-request lua.wait
    default_backend upstream
backend upstream
    server one unix@{work}/server.sock
""")
    received.clear()
    proxy = subprocess.Popen([work / "usr/sbin/haproxy", "-f", work / "haproxy.cfg"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    client = socket.socket(socket.AF_UNIX)
    while client.connect_ex(str(work / "site.sock")):
        time.sleep(0.1)
    began = time.monotonic()
    client.sendall(b"POST /write HTTP/1.1\r\nHost: site\r\nContent-Length: 2\r\n\r\nok")
    time.sleep(0.3)
    client.close()
    time.sleep(3)
    proxy.terminate()
    output = proxy.communicate()[0]
    (work / "site.sock").unlink(missing_ok=True)
    [(status, state)] = re.findall(r'upstream/one \S+ (\d+) \d+ - - (\S\S)-- .*"POST /write', output)
    reached = ["early" if moment - began < 1 else "after the wait" for moment in received]
    print(option or "without the option", "| the server got the request:", reached, "| log:", status, state, "| alert:", "aborting Lua processing" in output)
PY
python3 "$work/try.py" "$work" | tee "$work/seen"
grep -qF "without the option | the server got the request: ['after the wait'] | log: 200 CD | alert: False" "$work/seen" &&
  grep -qF "option abortonclose | the server got the request: ['early'] | log: 400 CH | alert: True" "$work/seen" || { echo "the behaviour has changed"; exit 1; }
