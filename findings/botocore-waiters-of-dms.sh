#!/usr/bin/env bash
# Guess: a waiter waits as long as the resource is on its way; so the usual sequence of an order and its waiter (start a task, wait until it runs) works.
# Behaviour: those of AWS DMS call the state before the order a failure. replication_task_running ends at once while the task is still "ready" or "stopped",
# replication_task_deleted while it is still "stopped", endpoint_deleted while the endpoint is still "active", and replication_task_ready after a change of the
# task: it calls "modifying" a failure. Only replication_task_stopped waits for a task that is still "running".
# Why it matters to us: DMS shows a new state a moment after the order. Our procedure polls DescribeReplicationTasks itself and knows which states lead to which.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check boto3==1.44.5 botocore==1.44.5 || exit 2
"$work/venv/bin/python" - <<'PY' | tee "$work/seen"
import boto3, botocore
from botocore.exceptions import WaiterError
from botocore.stub import Stubber
print("botocore", botocore.__version__)
TASK, ENDPOINT = ("describe_replication_tasks", "ReplicationTasks"), ("describe_endpoints", "Endpoints")
def wait(waiter, call, *states):
    """`states`: what the service shows, one after the other; None: it does not know the resource any more."""
    dms = boto3.client("dms", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(dms) as service:
        for state in states:
            if state is None:
                service.add_client_error(call[0], "ResourceNotFoundFault")
            else:
                service.add_response(call[0], {call[1]: [{"Status": state}]})
        try:
            dms.get_waiter(waiter).wait(WaiterConfig={"Delay": 0, "MaxAttempts": len(states)}); result = "waits"
        except WaiterError as error:
            result = "fails at once" if "terminal failure state" in str(error) else str(error)
    print(f"{waiter}: {' -> '.join(state or 'gone' for state in states)}: {result}")
wait("replication_task_running", TASK, "starting", "running")
wait("replication_task_running", TASK, "ready", "starting", "running")
wait("replication_task_running", TASK, "stopped", "starting", "running")
wait("replication_task_ready", TASK, "modifying", "ready")
wait("replication_task_stopped", TASK, "running", "stopping", "stopped")
wait("replication_task_deleted", TASK, "deleting", None)
wait("replication_task_deleted", TASK, "stopped", "deleting", None)
wait("endpoint_deleted", ENDPOINT, "active", "deleting", None)
PY
diff <(tail -n +2 "$work/seen" | sed 's/.*: //' | paste -sd,) - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
waits,fails at once,fails at once,fails at once,waits,waits,fails at once,fails at once
SEEN
