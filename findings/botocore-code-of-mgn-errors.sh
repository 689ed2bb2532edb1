#!/usr/bin/env bash
# Guess: an error of a REST-JSON service is recognized by `__type` of its body, so that boto3 raises the modelled exception.
# Behaviour: a body of AWS MGN's errors has a modelled member `code` of its own. Without the header x-amzn-ErrorType botocore takes that as the error code, though
# `__type` is there, and raises a bare ClientError; `except client.exceptions.ConflictException` does not catch it. With the header it does.
# Why it matters to us: a proxy or an emulator that drops the header changes what the client of MGN does about a conflict. Our local AWS sends it always.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check boto3==1.43.106 botocore==1.43.127
"$work/venv/bin/python" - <<'PY' || { echo "the behaviour has changed"; exit 1; }
import json, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
import boto3, botocore
from botocore.config import Config
from botocore.exceptions import ClientError
headers = {}
class Service(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"__type": "ConflictException", "message": "busy", "code": "SERVER_IN_JOB", "resourceId": "s-1", "resourceType": "server"}).encode()
        self.send_response(409)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers(); self.wfile.write(body)
    def log_message(self, *_): pass
server = HTTPServer(("127.0.0.1", 0), Service); threading.Thread(target=server.serve_forever, daemon=True).start()
mgn = boto3.client("mgn", endpoint_url=f"http://127.0.0.1:{server.server_port}", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x",
                   config=Config(retries={"total_max_attempts": 1}))
print("botocore", botocore.__version__)
seen = []
for headers in ({}, {"x-amzn-ErrorType": "ConflictException"}):
    try:
        mgn.start_test(sourceServerIDs=["s-0123456789abcdefg"])
    except ClientError as error:
        seen.append((error.response["Error"]["Code"], isinstance(error, mgn.exceptions.ConflictException)))
    print("with" if headers else "without", "the header:", seen[-1])
sys.exit(seen != [("SERVER_IN_JOB", False), ("ConflictException", True)])
PY
