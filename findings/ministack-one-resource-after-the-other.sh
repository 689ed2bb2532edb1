#!/usr/bin/env bash
# Guess: ministack's CloudFormation creates at the same time what does not depend on each other, as AWS does; so a wait condition delays only what needs it.
# Behaviour: it creates one resource after the other, those that need nothing in the order of their names. A wait condition that waits for its signal delays every
# resource that comes later, also a bucket that nothing connects to it; with another name the same bucket exists at once.
# Why it matters to us: two servers that AWS installs side by side were installed one after the other there; rehearsal/aws/cloudformation/creation_order.py creates
# wait conditions last.
set -euo pipefail
work=$(mktemp -d); trap 'kill "${server:-}" 2>/dev/null && wait "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check ministack==1.5.33 boto3==1.43.106
cd "$work"; port=$("$work/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
STATE_DIR=$work/state BIND_HOST=127.0.0.1 GATEWAY_PORT=$port "$work/venv/bin/python" -m ministack >log 2>&1 & server=$!
"$work/venv/bin/python" - "$port" <<'PY' || { tail "$work/log"; echo "the behaviour has changed"; exit 1; }
import json, socket, sys, time
from importlib.metadata import version
import boto3
for _ in range(120):
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close(); break
    except OSError:
        time.sleep(0.5)
def connect(service):
    return boto3.client(service, endpoint_url=f"http://127.0.0.1:{sys.argv[1]}", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
stacks = connect("cloudformation")
def look(name, wait, bucket):
    """Create a stack whose wait condition gets no signal. Return the types that have begun, without the stack itself, while it waits."""
    template = {"Resources": {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        wait: {"Type": "AWS::CloudFormation::WaitCondition", "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "20", "Count": 1}},
        bucket: {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"bucket-of-{name}"}},
    }}
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))
    began = set()
    for _ in range(40):  # until the wait condition has begun, and then two seconds more
        time.sleep(0.25)
        began = {event["ResourceType"].rpartition(":")[2] for event in stacks.describe_stack_events(StackName=name)["StackEvents"]} - {"Stack"}
        if "WaitCondition" in began: break
    time.sleep(2)
    began = {event["ResourceType"].rpartition(":")[2] for event in stacks.describe_stack_events(StackName=name)["StackEvents"]} - {"Stack"}
    status = stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    print(f"{name}: {wait} beside {bucket}: {status}, begun: {', '.join(sorted(began))}")
    return status, "Bucket" in began
print("ministack", version("ministack"))
seen = [look("first", "A", "Z"), look("last", "Z", "A")]
sys.exit(seen != [("CREATE_IN_PROGRESS", False), ("CREATE_IN_PROGRESS", True)])
PY
