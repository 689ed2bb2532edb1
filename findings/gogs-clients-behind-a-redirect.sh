#!/usr/bin/env bash
# Guess: a client of Gogs' API whose address redirects (301 from http:// to https://, 302 to another name) carries a change out at the new address, or returns an error.
# Behaviour: go-gogs-client, which follows redirects as net/http does, sends a GET after a 301 or 302 instead of the DELETE, PATCH or PUT. Where the address can also be read, the status is 200 and
# the client returns no error: the repository, the hook and the key are still there, and an issue that was closed is returned open. Python's gogs-client repeats a DELETE after a 301, and
# sends a GET after a 302, with the same result. After a 307 or 308 both carry it out.
# Why it matters to us: a load balancer of AWS redirects with 301 or 302 only, and the target's port 80 does so when the site has HTTPS. Scripts whose address is still http:// then change nothing
# and report success (docs/runbook.md, HTTPS). Needs Go.
set -euo pipefail
command -v go >/dev/null || { echo "needs Go"; exit 2; }
work=$(mktemp -d); server=; trap '[[ -z $server ]] || kill $server || true; chmod -R u+w "$work"; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check gogs-client==1.0.6 attrs==19.1.0 requests==2.34.2 || exit 2
cd "$work"; export GOFLAGS="-modcacherw -mod=mod"; go mod init look 2>/dev/null
go get github.com/gogs/go-gogs-client@v0.0.0-20210131175652-1d7215cd8d85 2>get || { cat get; echo "the module could not be installed"; exit 2; }
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	gogs "github.com/gogs/go-gogs-client"
)

func main() {
	client := gogs.NewClient(os.Args[1], "token")
	fmt.Println("  DeleteRepo: error", client.DeleteRepo("owner", "name"))
	fmt.Println("  EditRepoHook: error", client.EditRepoHook("owner", "name", 1, gogs.EditHookOption{}))
	fmt.Println("  DeletePublicKey: error", client.DeletePublicKey(1))
	closed := "closed"
	issue, err := client.EditIssue("owner", "name", 1, gogs.EditIssueOption{State: &closed})
	if err != nil {
		fmt.Println("  EditIssue: error", err)
		return
	}
	fmt.Println("  EditIssue to closed: error <nil>, state", issue.State)
}
GO
go build -o look . 2>build || { cat build; echo "the module could not be built"; exit 2; }
grep -h go-gogs-client go.mod; go version; venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -E '^(gogs-client|requests) '
cat >server.py <<'PY'
import http.server, threading
class New(http.server.BaseHTTPRequestHandler):
    """Return what Gogs returns for a repository, a hook, a key and an issue; note each change."""
    def serve(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b"" if self.command == "DELETE" else b'{"id": 1, "state": "%s"}' % (b"open" if self.command == "GET" else b"closed")
        if self.command != "GET":
            with open("changes", "a") as log: log.write(self.command + "\n")
        self.send_response({"GET": 200, "DELETE": 204}.get(self.command, 201)); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    do_GET = do_DELETE = do_PATCH = do_POST = do_PUT = serve
    def log_message(self, *_): pass
class Old(New):
    """Redirect to the new server with the status that the path begins with."""
    def serve(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0)); _, status, path = self.path.split("/", 2)
        self.send_response(int(status)); self.send_header("Location", f"http://127.0.0.1:{new.server_port}/{path}"); self.send_header("Content-Length", "0"); self.end_headers()
    do_GET = do_DELETE = do_PATCH = do_POST = do_PUT = serve
new = http.server.ThreadingHTTPServer(("127.0.0.1", 0), New); threading.Thread(target=new.serve_forever, daemon=True).start()
old = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Old)
with open("port", "w") as file: file.write(f"{old.server_port}\n")
old.serve_forever()
PY
cat >look.py <<'PY'
import sys
from gogs_client import GogsApi, Token
try: GogsApi(sys.argv[1]).delete_repo(Token("token"), "owner", "name"); print("  delete_repo: no error")
except Exception as error: print("  delete_repo:", type(error).__name__)
PY
python3 server.py & server=$!
for _ in $(seq 40); do [[ -s port ]] && break; sleep 0.25; done; [[ -s port ]] || { echo "the server did not start"; exit 2; }
for status in 301 302 307 308; do
  address=http://127.0.0.1:$(cat port)/$status
  : >changes; echo "go-gogs-client, $status:"; ./look "$address"; echo "  changes that arrived: $(xargs <changes)"
  : >changes; echo "gogs-client of Python, $status:"; venv/bin/python look.py "$address"; echo "  changes that arrived: $(xargs <changes)"
done | tee seen
diff seen - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
go-gogs-client, 301:
  DeleteRepo: error <nil>
  EditRepoHook: error <nil>
  DeletePublicKey: error <nil>
  EditIssue to closed: error <nil>, state open
  changes that arrived: 
gogs-client of Python, 301:
  delete_repo: no error
  changes that arrived: DELETE
go-gogs-client, 302:
  DeleteRepo: error <nil>
  EditRepoHook: error <nil>
  DeletePublicKey: error <nil>
  EditIssue to closed: error <nil>, state open
  changes that arrived: 
gogs-client of Python, 302:
  delete_repo: no error
  changes that arrived: 
go-gogs-client, 307:
  DeleteRepo: error <nil>
  EditRepoHook: error <nil>
  DeletePublicKey: error <nil>
  EditIssue to closed: error <nil>, state closed
  changes that arrived: DELETE PATCH DELETE PATCH
gogs-client of Python, 307:
  delete_repo: no error
  changes that arrived: DELETE
go-gogs-client, 308:
  DeleteRepo: error <nil>
  EditRepoHook: error <nil>
  DeletePublicKey: error <nil>
  EditIssue to closed: error <nil>, state closed
  changes that arrived: DELETE PATCH DELETE PATCH
gogs-client of Python, 308:
  delete_repo: no error
  changes that arrived: DELETE
SEEN
