#!/usr/bin/env bash
# Guess: in ministack's Step Functions, as in AWS, a path that selects nothing ends the execution with States.Runtime, which Catch of States.ALL does not take up.
# Behaviour: InputPath, OutputPath and ItemsPath that select nothing are null; the execution is SUCCEEDED (a Map over nothing has one item, null). A
# States.Runtime that a Task does raise is taken up by Catch of States.ALL.
# Why it matters to us: a state machine with a wrong path passes there; our local AWS replaces these rules with those of AWS.
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
states = boto3.client("stepfunctions", endpoint_url=f"http://127.0.0.1:{sys.argv[1]}", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
def run(name, state):
    definition = {"StartAt": "A", "States": {
        "A": {**state, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}], "End": True}, "Caught": {"Type": "Pass", "OutputPath": "$.Error", "End": True}}}
    machine = states.create_state_machine(name=name, definition=json.dumps(definition), roleArn="arn:aws:iam::000000000000:role/r")["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
    for _ in range(120):
        found = states.describe_execution(executionArn=execution)
        if found["status"] != "RUNNING": break
        time.sleep(0.25)
    print(name, found["status"], found.get("output"), found.get("error"))
    return found["status"], found.get("output")
call = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity"}
passed = {"StartAt": "X", "States": {"X": {"Type": "Pass", "End": True}}}
print("ministack", version("ministack"))
seen = [
    run("InputPath", {**call, "InputPath": "$.missing"})[0],
    run("OutputPath", {**call, "OutputPath": "$.missing"}),
    run("ItemsPath", {"Type": "Map", "ItemsPath": "$.missing", "ItemProcessor": passed}),
    run("Catch", {"Type": "Task", "Resource": "arn:aws:states:::codebuild:startBuild.sync", "Parameters": {"ProjectName": "p"}}),
]
sys.exit(seen != ["SUCCEEDED", ("SUCCEEDED", "null"), ("SUCCEEDED", "[null]"), ("SUCCEEDED", '"States.Runtime"')])
PY
