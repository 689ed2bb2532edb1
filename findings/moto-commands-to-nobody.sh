#!/usr/bin/env bash
# Guess: moto's Systems Manager answers a command to an instance that does not exist with InvalidInstanceId, or leaves it pending.
# Behaviour: the command is at once a Success, whatever it was (here: `false`) and whoever it was sent to.
# Why it matters to us: a procedure whose steps are commands to machines cannot be tested against it; every step would pass.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check 'moto[ssm,ec2]==5.2.5' boto3==1.44.8
"$work/venv/bin/python" - <<'PY' || { echo "the behaviour has changed"; exit 1; }
import os, sys
os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")
import boto3, moto
print("moto", moto.__version__)
with moto.mock_aws():
    ssm = boto3.client("ssm")
    nobody = "i-0123456789abcdef0"
    command = ssm.send_command(InstanceIds=[nobody], DocumentName="AWS-RunShellScript", Parameters={"commands": ["false"]})["Command"]
    seen = ssm.get_command_invocation(CommandId=command["CommandId"], InstanceId=nobody)
    print("status:", command["Status"], "| invocation:", seen["Status"], "| exit code:", seen.get("ResponseCode"))
sys.exit(command["Status"] != "Success" or seen["Status"] != "Success")
PY
