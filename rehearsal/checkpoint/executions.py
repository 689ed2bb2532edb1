"""End what acts by itself: executions of state machines, functions at work, ordered faults. Nothing of it is saved."""

from __future__ import annotations

import contextlib

from botocore.exceptions import ClientError

from rehearsal.aws.faults import client as faults
from rehearsal.checkpoint.context import CheckpointContext
from rehearsal.errors import RehearsalError

CAUSE = "the rehearsal's world was reset"


def stop(context: CheckpointContext) -> None:
    """Stop every execution, and end every running function."""
    client = context.make_client("stepfunctions")
    for machine in client.list_state_machines()["stateMachines"]:
        pages = client.get_paginator("list_executions").paginate(
            stateMachineArn=machine["stateMachineArn"], statusFilter="RUNNING"
        )
        for execution in [one for page in pages for one in page["executions"]]:
            with contextlib.suppress(ClientError):  # it has ended by itself meanwhile
                client.stop_execution(executionArn=execution["executionArn"], error="Reset", cause=CAUSE)
        left = client.list_executions(stateMachineArn=machine["stateMachineArn"], statusFilter="RUNNING")["executions"]
        if left:
            raise RehearsalError(f"the execution {left[0]['name']} could not be stopped.")
    context.send_command("functions/end")


def clear_faults(context: CheckpointContext) -> None:
    """Clear the faults of the local AWS. DMS's end with its engines, and the provider clears its own."""
    faults.clear_faults(context.settings)
