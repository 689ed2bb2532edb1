#!/usr/bin/env bash
# Guess: `session.cookies.set_policy(policy)` of requests decides which cookies are kept and which are sent.
# Behaviour: it decides only what is kept. For each request a new jar with the standard policy is made from the session's, so that it decides nothing of what
# is sent: a Secure cookie is not sent over HTTP although the policy allows it, and a policy that allows no domain still sends the cookie of one.
# Why it matters to us: the acceptance checks log in over HTTP, behind the proxy, to a site whose cookies are Secure; they prepare the
# cookies of each request themselves.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check requests==2.32.5
"$work/venv/bin/python" - <<'PY' || { echo "the behaviour has changed"; exit 1; }
import sys, threading
from http.cookiejar import DefaultCookiePolicy
from http.server import BaseHTTPRequestHandler, HTTPServer
import requests
class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        seen.append(self.headers.get("Cookie"))
        self.send_response(200); self.send_header("Set-Cookie", "login=1; Secure; Path=/"); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *_): pass
seen, server = [], HTTPServer(("127.0.0.1", 0), Site)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/"
print("requests", requests.__version__)
secure = requests.Session(); secure.cookies.set_policy(DefaultCookiePolicy(secure_protocols=("http", "https")))
secure.get(url); secure.get(url)
print("Secure cookie, allowed over HTTP - kept:", len(secure.cookies), "sent:", seen[1])
closed = requests.Session(); closed.cookies.set("old", "1", domain="127.0.0.1", path="/"); closed.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
closed.get(url)
print("no domain allowed - kept of the response:", [c.name for c in closed.cookies if c.name == "login"], "sent:", seen[2])
sys.exit((len(secure.cookies), seen[1], "login" in closed.cookies, seen[2]) != (1, None, False, "old=1"))
PY
