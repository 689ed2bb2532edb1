#!/usr/bin/env bash
# Guess: in ministack's EC2, as in AWS, a new version of a launch template keeps what it does not name of its source version, also where that is named $Default.
# Behaviour: it does so for a number. With $Default the new version has only the members that it names, and the rest is lost without an error.
# Why it matters to us: AWS MGN launches from the default version of a template, and a client adds its settings on top of it. Such a version would have no
# instance type and no tags here. Our client names the source version by its number, which both understand.
set -euo pipefail
work=$(mktemp -d); trap 'kill "${server:-}" 2>/dev/null && wait "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check ministack==1.5.33 boto3==1.43.106
cd "$work"; port=$("$work/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
STATE_DIR=$work/state BIND_HOST=127.0.0.1 GATEWAY_PORT=$port "$work/venv/bin/python" -m ministack >log 2>&1 & server=$!
"$work/venv/bin/python" - "$port" <<'PY' || { tail "$work/log"; echo "the behaviour has changed"; exit 1; }
import socket, sys, time
from importlib.metadata import version
import boto3
for _ in range(120):
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close(); break
    except OSError:
        time.sleep(0.5)
ec2 = boto3.client("ec2", endpoint_url=f"http://127.0.0.1:{sys.argv[1]}", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
made = ec2.create_launch_template(LaunchTemplateName="one", LaunchTemplateData={"InstanceType": "t3.medium", "EbsOptimized": True})
template = made["LaunchTemplate"]["LaunchTemplateId"]
print("ministack", version("ministack"))
seen = []
for source in ("1", "$Default"):
    data = {"EbsOptimized": False}
    new = ec2.create_launch_template_version(LaunchTemplateId=template, SourceVersion=source, LaunchTemplateData=data)
    found = ec2.describe_launch_template_versions(LaunchTemplateId=template, Versions=[str(new["LaunchTemplateVersion"]["VersionNumber"])])
    seen.append(found["LaunchTemplateVersions"][0]["LaunchTemplateData"].get("InstanceType"))
    print(f"source version {source}: instance type {seen[-1]}")
sys.exit(seen != ["t3.medium", None])
PY
