"""Clients of a dry run: they read the real services, and only log what they would change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from common.clients.compute import Compute, Image, InstanceStatus
from common.clients.dms import DatabaseReplication, Task
from common.clients.dns import PublicName
from common.clients.functions import FunctionResponse
from common.clients.machines import CommandResult, Machines, build_command_line
from common.clients.nodes import NodeProblem
from common.clients.parameters import Parameters
from common.clients.provider import Job, JobStatus, Provider, Readiness, ReplicationSettings, SourceServer
from common.clients.reports import Message
from common.clients.runs import Runs
from common.message import Message as PeopleMessage
from common.run import Launch, Run
from common.settings import LaunchSettings

LogChange = Callable[[str], None]
DRY = "dry-run"
READING_VERBS = frozenset({"check", "changed-tables"})
DRY_RESULT = {"ok": True, "dry_run": True}
CHECKS = [{"name": "dry run: not run", "outcome": "pass", "seconds": 0}]
MACHINE_RESULT = {
    **DRY_RESULT,
    "checks": CHECKS,
    "public_key": DRY,
    "digests": {"dry run": "not compared"},
    "moment": DRY,
    "what": DRY,
    "carried": {},
    "different": {"total": 0, "names": []},
    "tables": [],
    "other_statements": 0,
    "outcome": "passed",
}
NOT_COMPARED = {"rows": 0, "digest": "dry run: not compared"}


class DryMachines:
    """Sends verbs that only read; logs all others and returns a made-up result."""

    def __init__(self, real: Machines, log_change: LogChange, tables: Callable[[], Iterable[str]]) -> None:
        self._real, self._log_change, self._tables = real, log_change, tables

    def send(
        self, instance_id: str, verb: str, options: Mapping[str, str | int | bool], *, seconds: int, comment: str = ""
    ) -> str:
        if verb in READING_VERBS:
            return self._real.send(instance_id, verb, options, seconds=seconds, comment=comment)
        self._log_change(f"run on {instance_id}: {build_command_line(verb, options)}")
        return DRY

    def find_node_problem(self, instance_id: str) -> NodeProblem | None:
        return self._real.find_node_problem(instance_id)

    def poll(self, command_id: str, instance_id: str, verb: str) -> CommandResult | None:
        if command_id != DRY:
            return self._real.poll(command_id, instance_id, verb)
        if verb == "digest-database":
            return CommandResult(ok=True, facts={**DRY_RESULT, "tables": dict.fromkeys(self._tables(), NOT_COMPARED)})
        return CommandResult(ok=True, facts=MACHINE_RESULT)


class DryProvider:
    def __init__(self, real: Provider, log_change: LogChange) -> None:
        self._real, self._log_change = real, log_change

    @property
    def operator_tool(self) -> str:
        return self._real.operator_tool

    def initialize(self, defaults: ReplicationSettings) -> Mapping[str, Any]:  # noqa: ARG002 (the interface's)
        self._log_change("prepare the provider in this account and region")
        return DRY_RESULT

    def find_source_server(self, name: str) -> SourceServer:
        return self._real.find_source_server(name)

    def check_readiness(self, source_server_id: str, *, tested: bool) -> Readiness:
        return self._real.check_readiness(source_server_id, tested=tested)

    def prepare_launch(
        self, source_server_id: str, *, launch_settings: LaunchSettings, tags: Mapping[str, str]
    ) -> Mapping[str, Any]:
        self._log_change(f"set {launch_settings} and tags {dict(tags)} in the launch settings of {source_server_id}")
        return DRY_RESULT

    def mark_ready_for_cutover(self, source_server_id: str) -> Mapping[str, Any]:
        self._log_change(f"mark {source_server_id} as ready for its cutover")
        return DRY_RESULT

    def launch(self, source_server_id: str, kind: Launch, *, since: float) -> str:  # noqa: ARG002 (the interface's)
        self._log_change(f"start a {kind} launch of {source_server_id}")
        return DRY

    def read_job(self, job_id: str) -> Job:
        return (
            Job(job_id=job_id, status=JobStatus.COMPLETED, log=("dry run",))
            if job_id == DRY
            else self._real.read_job(job_id)
        )

    def refresh(self) -> None:
        self._real.refresh()

    def find_launched_instance(self, source_server_id: str) -> str:  # noqa: ARG002
        return DRY

    def find_launch_job(self, source_server_id: str) -> str:  # noqa: ARG002
        return ""

    def find_last_launch(self, source_server_id: str) -> str:  # noqa: ARG002
        return ""

    def remove_replica(self, source_server_id: str) -> str:
        self._log_change(f"remove the replica of {source_server_id}")
        return ""

    def finalize(self, source_server_id: str) -> Mapping[str, Any]:
        self._log_change(f"end the replication of {source_server_id} for good")
        return DRY_RESULT

    def configure_replication(self, settings: ReplicationSettings) -> Mapping[str, Any]:
        self._log_change(f"set the replication settings {settings}")
        return DRY_RESULT


class DryRuns(Runs):
    """The run record of dry runs, an item of its own. `commit` does not pass the point of no return."""

    REMOVED_ON_RELEASE = ("lock_expires", "lease_expires")
    """the lease too: no source was frozen, so the next dry run does not have to wait for it"""

    def commit(self, run_id: str, *, margin: float) -> float:  # noqa: ARG002
        return self._clock.now()


class DryParameters:
    def __init__(self, real: Parameters, log_change: LogChange) -> None:
        self._log_change = log_change
        self.read_replication, self.read_target, self.read_mode = (
            real.read_replication,
            real.read_target,
            real.read_mode,
        )

    def set_mode(self, mode: str) -> None:
        self._log_change(f"set the target's mode to {mode}")


class DryCompute:
    def __init__(self, real: Compute, log_change: LogChange) -> None:
        self._real, self._log_change = real, log_change
        self.find_instance, self.list_outbound_addresses, self.find_image_by_name = (
            real.find_instance,
            real.list_outbound_addresses,
            real.find_image_by_name,
        )

    def find_instance_status(self, instance_id: str) -> InstanceStatus | None:
        return None if instance_id == DRY else self._real.find_instance_status(instance_id)

    def find_image(self, image_id: str) -> Image | None:
        return (
            Image(image_id=DRY, state="available", reason="", snapshots=())
            if image_id == DRY
            else self._real.find_image(image_id)
        )

    def delete_image(self, image: Image) -> None:
        self._log_change(f"delete image {image.image_id}")


class DryDatabase:
    def __init__(self, real: DatabaseReplication, log_change: LogChange) -> None:
        self._real, self._log_change, self._stopped = real, log_change, False
        self.list_tables, self.read_lag = real.list_tables, real.read_lag

    def read_task(self) -> Task:
        return replace(self._real.read_task(), status="stopped") if self._stopped else self._real.read_task()

    def start(self, how: str) -> None:
        self._log_change(f"start the replication task ({how})")

    def reload(self, tables: Sequence[tuple[str, str]]) -> None:
        self._log_change(f"reload {', '.join('.'.join(name) for name in tables)}")

    def stop(self) -> None:
        self._log_change("stop the replication task")
        self._stopped = True


class DryReports:
    def __init__(self, run: Run) -> None:
        self._run = run

    def receive(self, *, wait_seconds: int) -> list[Message]:  # noqa: ARG002
        report = {
            "run_id": self._run.run_id,
            "launch": self._run.launch,
            "instance_id": DRY,
            "outcome": "pass",
            "checks": CHECKS,
            "image_id": DRY,
        }
        return [Message(receipt=DRY, body=report)]

    def delete(self, message: Message) -> None: ...


class DryIngress:
    def __init__(self, group: str, log_change: LogChange) -> None:
        self._group, self._log_change = group, log_change

    def allow(self, cidrs: Iterable[str], ports: Iterable[int], *, note: str) -> None:
        self._log_change(f"admit {', '.join(cidrs)} to ports {list(ports)} of {self._group}: {note}")

    def revoke_all(self) -> int:
        self._log_change(f"remove every rule of {self._group}")
        return 0

    def probe(self, port: int) -> None:
        self._log_change(f"try the permission to change {self._group} (port {port})")


class DryFunctions:
    def __init__(self, log_change: LogChange) -> None:
        self._log_change = log_change

    def invoke(self, arn: str, payload: Mapping[str, Any], *, seconds: int) -> FunctionResponse:
        self._log_change(f"call {arn} with {dict(payload)}, for {seconds} s at most")
        return FunctionResponse(payload="{}")


class DryMessages:
    is_enabled = True

    def __init__(self, log_change: LogChange) -> None:
        self._log_change = log_change

    def send(self, message: PeopleMessage) -> None:
        self._log_change(f"send the message to people: {message.format_subject()}")

    def run_in_background(self, work: Callable[[], None]) -> None:
        work()


class DryName:
    def __init__(self, real: PublicName, log_change: LogChange) -> None:
        self._log_change, self.list_record_sets, self.check_zone = log_change, real.list_record_sets, real.check_zone

    def point_name(self, name: str, *, load_balancer_dns: str, load_balancer_zone_id: str) -> None:  # noqa: ARG002
        self._log_change(f"point {name} to {load_balancer_dns}")

    def probe(self, name: str, *, load_balancer_dns: str = "", load_balancer_zone_id: str = "") -> str:  # noqa: ARG002
        self._log_change(f"try the permission to change {name}")
        return DRY
