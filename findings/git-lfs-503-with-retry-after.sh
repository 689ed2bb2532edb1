#!/usr/bin/env bash
# Guess: git-lfs waits as long as Retry-After of a 503 says and tries again, because RFC 9110 describes the header for 503 first and git-lfs knows the header.
# Behaviour: it looks at Retry-After for 429 only. A 503 to the batch request ends `git push` at once with "Fatal error". A 503 to the upload of an object is
# tried again after a quarter of a second, then after growing pauses of its own. After a 429 to the batch request both versions wait; to the upload only
# the newer one does.
# Why it matters to us: a push of LFS objects fails while a site returns 503 with Retry-After for maintenance. Our proxy holds writes, and refuses
# them with 503 only when a hold takes longer than freeze_hold.
# Needs Debian 12 with apt, git and Go.
set -euo pipefail
LFS=3.3.0-1+deb12u2
work=$(mktemp -d); servers=()
trap 'if ((${#servers[@]})); then kill "${servers[@]}" 2>/dev/null || true; wait "${servers[@]}" 2>/dev/null || true; fi; chmod -R u+w "$work"; rm -rf "$work"' EXIT
chmod 755 "$work"; mkdir "$work/old" "$work/new"; export HOME=$work GIT_TERMINAL_PROMPT=0 GOFLAGS=-modcacherw GOPATH=$work/gopath
(cd "$work" && apt-get -qq download "git-lfs=$LFS" 2>apt && dpkg -x git-lfs_*.deb deb && mv deb/usr/bin/git-lfs old) || { cat "$work/apt"; echo "the package could not be installed"; exit 2; }
GOBIN=$work/new go install github.com/git-lfs/git-lfs/v3@v3.8.1 2>"$work/build" || { cat "$work/build"; echo "the module could not be built"; exit 2; }

cat >"$work/server.py" <<'PY'
"""A server of LFS that refuses the first request of one kind. Arguments: the kind, batch or upload, and the status. Prints its port, then requests and times."""
import json, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
refused, code = sys.argv[1], int(sys.argv[2])
began, seen = time.monotonic(), []


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = {"/lfs/objects/batch": "batch", "/verify": "verify"}.get(self.path, "upload")
        seen.append(kind)
        print(kind, round(time.monotonic() - began, 1), flush=True)
        status, result = (200, {}) if (kind, seen.count(kind)) != (refused, 1) else (code, {"message": "the site is being moved"})
        if kind == "batch" and status == 200:
            root = f"http://{self.headers['Host']}"
            actions = {"upload": {"href": f"{root}/object"}, "verify": {"href": f"{root}/verify"}}
            result = {"transfer": "basic", "objects": [{**one, "authenticated": True, "actions": actions} for one in json.loads(body)["objects"]]}
        text = json.dumps(result).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/vnd.git-lfs+json", "Content-Length": len(text), **({"Retry-After": 3} if status != 200 else {})}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(text)

    do_PUT = do_POST

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Server)
print(server.server_port, flush=True)
server.serve_forever()
PY

push() { # $1: old or new, $2: kind of the request, $3: status
  local port code=0 folder=$work/$1-$2-$3; mkdir "$folder"; cd "$folder"
  python3 "$work/server.py" "$2" "$3" >log & servers=($!)
  for _ in $(seq 100); do [[ -s log ]] && break; sleep 0.1; done; read -r port <log || { echo "the server did not start"; exit 2; }
  export PATH=$work/$1:$BASE
  git init -q --bare remote; git init -q -b main local; cd local
  git lfs install --local >/dev/null; git config user.name a; git config user.email a@example.com
  git config lfs.url "http://127.0.0.1:$port/lfs"; git config "lfs.http://127.0.0.1:$port/lfs.locksverify" false
  git lfs track '*.bin' >/dev/null; echo content >a.bin; git add .; git commit -qm first; git remote add origin ../remote
  git push -q origin main >../push 2>&1 || code=$?
  kill "${servers[@]}"; wait "${servers[@]}" 2>/dev/null || true; servers=()
  python3 - "$1, $3 to the $2 request" "$2" "$code" "$folder/log" <<'PY'
import sys
title, kind, code, log = sys.argv[1:]
times = [float(line.split()[1]) for line in open(log) if line.startswith(kind)]
wait = "never again" if len(times) == 1 else f"again after {times[1] - times[0]:.1f} s"
print(f"{title} with Retry-After: 3: tried {wait}, exit code of push {code}")
waited = "never" if len(times) == 1 else "waits" if times[1] - times[0] > 2.5 else "early"
print(waited, file=open("../../seen", "a"))
PY
}
BASE=$PATH
for version in old new; do echo "$version: $("$work/$version/git-lfs" version)"; for request in "batch 503" "upload 503" "batch 429" "upload 429"; do push $version $request; done; done
diff <(paste -sd' ' "$work/seen") - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
never early waits early never early waits waits
SEEN
