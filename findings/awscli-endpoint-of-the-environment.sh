#!/usr/bin/env bash
# Guess: with AWS_ENDPOINT_URL every command of the AWS CLI goes to that address, as every client of boto3 does.
# Behaviour: version 1 still knows names of certificates from the time of Python 2.6. For rds, docdb and neptune in us-east-1, and for sqs and emr in most regions, it sets the
# endpoint to such a name as if the user had written --endpoint-url. That is stronger than AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_RDS, so the command goes to AWS. Only --endpoint-url helps.
# Why it matters to us: the runbook's commands run in the rehearsal with the AWS CLI (tests/rehearsal/scenarios/runbook.py), and `python -m rehearsal env` exports the address.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check awscli==1.46.3
PATH=$work/venv/bin:$PATH HOME=$work python3 - <<'PY' | tee "$work/seen"
import http.server, os, subprocess, threading

reached: list[str] = []

class Recorder(http.server.BaseHTTPRequestHandler):  # the endpoint, and the proxy for everything else: no request leaves this machine
    def do_POST(self) -> None:
        reached.append("AWS_ENDPOINT_URL")
        self.send_error(503)

    do_GET = do_POST

    def do_CONNECT(self) -> None:
        reached.append(self.path)
        self.send_error(503)

    def log_message(self, *_: object) -> None: ...

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
print(subprocess.run(["aws", "--version"], check=True, capture_output=True, text=True).stdout.split()[0])
keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_MAX_ATTEMPTS": "1", "HTTPS_PROXY": url}
for region, command, variable, options in [
    ("us-east-1", "ec2 describe-vpcs", "AWS_ENDPOINT_URL", []),
    ("us-east-1", "rds describe-db-instances", "AWS_ENDPOINT_URL", []),
    ("us-east-1", "rds describe-db-instances", "AWS_ENDPOINT_URL_RDS", []),
    ("us-east-1", "rds describe-db-instances", "AWS_ENDPOINT_URL", ["--endpoint-url", url]),
    ("eu-west-1", "rds describe-db-instances", "AWS_ENDPOINT_URL", []),
    ("eu-west-1", "sqs list-queues", "AWS_ENDPOINT_URL", []),
]:
    reached.clear()
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "AWS_DEFAULT_REGION": region, variable: url, **keys}
    subprocess.run(["aws", *command.split(), *options], env=environment, capture_output=True, check=False)
    print(variable, region, command, *options[:1], "->", sorted(set(reached)))
PY
grep -q "AWS_ENDPOINT_URL us-east-1 ec2 describe-vpcs -> \['AWS_ENDPOINT_URL'\]" "$work/seen" &&
  [[ $(grep -c "us-east-1 rds describe-db-instances -> \['rds.amazonaws.com:443'\]" "$work/seen") == 2 ]] &&
  grep -q "rds describe-db-instances --endpoint-url -> \['AWS_ENDPOINT_URL'\]" "$work/seen" &&
  grep -q "eu-west-1 rds describe-db-instances -> \['AWS_ENDPOINT_URL'\]" "$work/seen" &&
  grep -q "sqs list-queues -> \['eu-west-1.queue.amazonaws.com:443'\]" "$work/seen" || { echo "the behaviour has changed"; exit 1; }
