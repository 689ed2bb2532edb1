#!/usr/bin/env bash
# Guess: repo_exists() and user_exists() of the Python package gogs-client return False for a 404 only. Their documentation has an exception for an error of the communication, and
# the other methods raise ApiFailure.
# Behaviour: every status of 400 or more is "does not exist": a 503 of a proxy, a 500, a 401 of a wrong token. valid_authentication() calls a token invalid in the same way.
# No method that returns yes or no raises for a status; get_branches() beside them does.
# Why it matters to us: during a migration a proxy refuses or is restarted. A script that creates what does not exist, removes a user's key because the user is gone, or makes
# a new token because the old one is invalid acts on a wrong answer. Our acceptance checks compare the status itself (gogs/acceptance). (attrs is pinned because a newer one cannot import the package.)
set -euo pipefail
work=$(mktemp -d); server=; trap '[[ -z $server ]] || kill $server || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check gogs-client==1.0.6 attrs==19.1.0 requests==2.34.2 || exit 2
"$work/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -E '^(attrs|gogs-client|requests) '
cd "$work"
cat >server.py <<'PY'
import http.server
class Return(http.server.BaseHTTPRequestHandler):
    """Return the status that the path begins with."""
    def do_GET(self):
        self.send_response(int(self.path.split("/")[1])); self.send_header("Content-Length", "2"); self.end_headers(); self.wfile.write(b"{}")
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Return)
with open("port", "w") as file: file.write(f"{server.server_port}\n")
server.serve_forever()
PY
cat >look.py <<'PY'
import sys
from gogs_client import GogsApi, Token
def result(function, *arguments):
    try: value = function(*arguments)
    except Exception as error: return type(error).__name__
    return value if isinstance(value, bool) else type(value).__name__
for status in (200, 404, 401, 500, 503):
    api, token = GogsApi(f"http://127.0.0.1:{sys.argv[1]}/{status}"), Token("0" * 40)
    print(f"{status}: repo_exists", result(api.repo_exists, token, "owner", "name"), "user_exists", result(api.user_exists, "owner"),
          "valid_authentication", result(api.valid_authentication, token), "get_branches", result(api.get_branches, token, "owner", "name"))
PY
python3 server.py & server=$!
for _ in $(seq 40); do [[ -s port ]] && break; sleep 0.25; done; [[ -s port ]] || { echo "the server did not start"; exit 2; }
venv/bin/python look.py "$(cat port)" | tee seen
diff seen - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
200: repo_exists True user_exists True valid_authentication True get_branches list
404: repo_exists False user_exists False valid_authentication False get_branches ApiFailure
401: repo_exists False user_exists False valid_authentication False get_branches ApiFailure
500: repo_exists False user_exists False valid_authentication False get_branches ApiFailure
503: repo_exists False user_exists False valid_authentication False get_branches ApiFailure
SEEN
