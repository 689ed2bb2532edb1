"""Custom::PrepareTargetDatabase: the source's application server creates the target's schemas from the source's own DDL."""

from __future__ import annotations

from dataclasses import dataclass

from common.clients.machines import Machines
from common.clients.nodes import HYBRID
from common.clients.runs import Runs
from common.clock import Clock
from common.errors import RetryableCommandError, StepFailed
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from custom_resource.event import Progress, Request, Started
from custom_resource.resources.moved import require_not_moved

VERB = "prepare-target-database"
PHASE = "Prepare target database"
COMMAND_SECONDS = 900
CONNECT_SECONDS = 240
"""how long on_event waits for a machine that has just been made to connect to Systems Manager"""
PAUSE_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class PrepareTargetDatabase:
    machines: Machines
    clock: Clock
    site: str
    runs: Runs

    def start(self, request: Request) -> Started:
        physical_id = request.physical_id or "target-database"
        if request.kind == "Delete":  # the rows belong to the owner of the server
            return Started(physical_id=physical_id)
        require_not_moved(self.runs, PHASE)
        instance_id = str(request.properties["InstanceId"])
        retrying = Retrying(
            retry=retry_if_exception_type(RetryableCommandError),
            stop=stop_after_delay(CONNECT_SECONDS),
            wait=wait_fixed(PAUSE_SECONDS),
            sleep=self.clock.sleep,
            reraise=True,
        )
        # A person registers a hybrid node and prepares it for one site, and may name it in the settings of another.
        options = {"site": self.site} if instance_id.startswith(HYBRID) else {}
        if schema := request.properties.get("Schema"):  # of an existing source, whose servers may have another one
            options["primary-schema"] = str(schema)
        command = retrying(self.machines.send, instance_id, VERB, options, seconds=COMMAND_SECONDS, comment=PHASE)
        return Started(physical_id=physical_id, data={"CommandId": command})

    def check_progress(self, request: Request) -> Progress:
        if request.kind == "Delete":
            return Progress(complete=True)
        instance_id = str(request.properties["InstanceId"])
        try:
            result = self.machines.poll(str(request.data["CommandId"]), instance_id, VERB)
        except RetryableCommandError as lost:  # final: this command will never reach the machine
            raise StepFailed(
                lost.reason, phase=PHASE, machine=instance_id, next_action=f"{lost.next_action}, then deploy again"
            ) from lost
        if result is None:
            return Progress(complete=False)
        if not result.ok:
            raise StepFailed(
                str(result.facts.get("reason") or f"{VERB} failed"),
                phase=PHASE,
                machine=instance_id,
                next_action=str(result.facts.get("next") or ""),
            )
        return Progress(complete=True, data={"Tables": str(result.facts.get("tables", ""))})
