#!/usr/bin/env bash
# Guess: `show sess` gives a request that waits for its server the age of that request.
# Behaviour: on a connection that is kept alive the age counts from the end of the former response. A request of half a second is shown as four
# seconds old after a pause of the client of that length.
# Why it matters to us: the age cannot show whether a write in flight at the freeze is a long one.
# Needs Debian 12 with apt.
set -euo pipefail
HAPROXY=2.6.12-1+deb12u4
work=$(mktemp -d); servers=()
trap 'if ((${#servers[@]})); then kill "${servers[@]}" 2>/dev/null || true; wait "${servers[@]}" 2>/dev/null || true; fi; rm -rf "$work"' EXIT
chmod 755 "$work"
(cd "$work" && apt-get -qq download "haproxy=$HAPROXY" liblua5.3-0 2>"$work/apt" && for file in *.deb; do dpkg -x "$file" .; done) ||
  { cat "$work/apt"; echo "the package could not be installed"; exit 2; }
export LD_LIBRARY_PATH=$work/usr/lib/x86_64-linux-gnu
"$work/usr/sbin/haproxy" -v | sed -n 1p

cat >"$work/haproxy.cfg" <<CFG
global
    stats socket $work/admin.sock level admin
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend site
    bind unix@$work/site.sock
    default_backend upstream
backend upstream
    server one unix@$work/upstream.sock
CFG
cat >"$work/try.py" <<'PY'
"""A server that answers /slow after two seconds, and a client that sends a fast request, waits, and sends a slow one."""
import pathlib, re, socket, socketserver, sys, threading, time

work = pathlib.Path(sys.argv[1])


class Server(socketserver.StreamRequestHandler):
    def handle(self):
        while line := self.rfile.readline():
            while self.rfile.readline().strip():
                pass
            if b"/slow" in line:
                time.sleep(2)
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


class Threads(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


threading.Thread(target=Threads(str(work / "upstream.sock"), Server).serve_forever, daemon=True).start()
print("ready", flush=True)
sys.stdin.readline()


def connect(name):
    made = socket.socket(socket.AF_UNIX)
    made.connect(str(work / name))
    return made


def show_sessions():
    with connect("admin.sock") as runtime:
        runtime.sendall(b"show sess\n")
        text = b"".join(iter(lambda: runtime.recv(65536), b"")).decode()
    return [re.search(r"^(0x\w+): .* age=(\S+)", line).groups() for line in text.splitlines() if "be=upstream" in line]


client = connect("site.sock")
client.sendall(b"GET /fast HTTP/1.1\r\nHost: a\r\n\r\n")
client.recv(4096)
time.sleep(4)
client.sendall(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
time.sleep(0.5)
((_, kept_alive),) = show_sessions()
client.recv(4096)
client.close()
fresh = connect("site.sock")
fresh.sendall(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
time.sleep(0.5)
((_, new),) = show_sessions()
is_old = {name: "over two seconds" if int(age.rstrip("s")) > 2 else "up to two seconds" for name, age in (("new", new), ("kept", kept_alive))}
print(f"age={new} on a new connection, age={kept_alive} on one kept alive")
print(f"half a second after the request, its age is {is_old['new']} on a new connection, {is_old['kept']} on one kept alive")
PY
mkfifo "$work/go"
python3 "$work/try.py" "$work" <"$work/go" >"$work/seen" & servers+=($!)
exec 3>"$work/go"
for _ in $(seq 100); do grep -q ready "$work/seen" && break; sleep 0.1; done
"$work/usr/sbin/haproxy" -f "$work/haproxy.cfg" >"$work/log" 2>&1 & servers+=($!)
for _ in $(seq 100); do [[ -S $work/admin.sock ]] && break; sleep 0.1; done
[[ -S $work/admin.sock ]] || { cat "$work/log"; echo "HAProxy did not start"; exit 2; }
echo >&3; wait "${servers[0]}"
tail -n 2 "$work/seen"
diff - <(tail -n 1 "$work/seen") <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
half a second after the request, its age is up to two seconds on a new connection, over two seconds on one kept alive
SEEN
