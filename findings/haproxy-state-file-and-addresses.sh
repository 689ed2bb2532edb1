#!/usr/bin/env bash
# Guess: a server that was sent to another address at runtime (`set server … addr … port …`) has address and port again after a reload with a server state file.
# Behaviour: the port comes back, the address does not: after the reload the server is the old address with the new port. State and weight come back
# too. For a server that the configuration names by a host name, address and port come back.
# Why it matters to us: the source's proxy forwards users to the target. Ours has no state file: the forwarding stands in its configuration before the window.
# Needs Debian 12 with apt.
set -euo pipefail
HAPROXY=2.6.12-1+deb12u4
work=$(mktemp -d); servers=()
stop() { if ((${#servers[@]})); then kill "${servers[@]}" 2>/dev/null || true; wait "${servers[@]}" 2>/dev/null || true; fi; servers=(); }
trap 'stop; rm -rf "$work"' EXIT
chmod 755 "$work"
(cd "$work" && apt-get -qq download "haproxy=$HAPROXY" liblua5.3-0 2>"$work/apt" && for file in *.deb; do dpkg -x "$file" .; done) ||
  { cat "$work/apt"; echo "the package could not be installed"; exit 2; }
export LD_LIBRARY_PATH=$work/usr/lib/x86_64-linux-gnu
"$work/usr/sbin/haproxy" -v | sed -n 1p
cat >"$work/haproxy.cfg" <<CFG
global
    stats socket $work/admin.sock level admin
    server-state-file $work/state
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    load-server-state-from-file global
frontend site
    bind unix@$work/site.sock
    default_backend upstream
backend upstream
    server number 127.0.0.9:81
    server name localhost:81
CFG
start() {
  rm -f "$work/admin.sock"; "$work/usr/sbin/haproxy" -f "$work/haproxy.cfg" >"$work/log" 2>&1 & servers=($!)
  for _ in $(seq 100); do [[ -S $work/admin.sock ]] && break; sleep 0.1; done
  [[ -S $work/admin.sock ]] || { cat "$work/log"; echo "HAProxy did not start"; exit 2; }
}
command() { # $1: a command of the runtime API
  python3 -c '
import socket, sys
runtime = socket.socket(socket.AF_UNIX); runtime.connect(sys.argv[1]); runtime.sendall(sys.argv[2].encode() + b"\n")
print(b"".join(iter(lambda: runtime.recv(65536), b"")).decode().strip())' "$work/admin.sock" "$1"
}
show() { command "show servers state upstream" | awk -v when="$1" '$2 == "upstream" {print when ": " $4, "is", $5 ":" $19 ", weight", $8}'; }
touch "$work/state"; start; show "at the start"
for server in number name; do command "set server upstream/$server addr 127.0.0.10 port 91" >/dev/null; command "set server upstream/$server weight 3" >/dev/null; done
show "changed at runtime"
command "show servers state" >"$work/state"; stop; start
show "after a start with the state file" | tee "$work/seen"
diff "$work/seen" - <<'SEEN' || { cat "$work/log"; echo "the behaviour has changed"; exit 1; }
after a start with the state file: number is 127.0.0.9:91, weight 3
after a start with the state file: name is 127.0.0.10:91, weight 3
SEEN
