"""Clients of a dry run: they look for real, and only tell what they would change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from common.clients.compute import Compute, Image
from common.clients.dms import DatabaseReplication, Task
from common.clients.dns import PublicName
from common.clients.machines import Answer, Machines, command_line
from common.clients.parameters import Parameters
from common.clients.provider import Job, JobStatus, Provider, Readiness, ReplicationSettings, SourceServer
from common.clients.reports import Message
from common.clients.runs import Runs
from common.run import Launch, Run
from common.settings import LaunchSettings

Tell = Callable[[str], None]
DRY = "dry-run"
READING_VERBS = frozenset({"check", "changed-tables"})
SAID = {"ok": True, "dry_run": True}
CHECKS = [{"name": "dry run: not run", "outcome": "pass", "seconds": 0}]
SAID_BY_MACHINES = {
    **SAID,
    "checks": CHECKS,
    "public_key": DRY,
    "digests": {"dry run": "not compared"},
    "moment": DRY,
    "what": DRY,
    "carried": {},
    "different": {"total": 0, "names": []},
    "tables": [],
    "other_statements": 0,
}
NOT_COMPARED = {"rows": 0, "digest": "dry run: not compared"}


class DryMachines:
    def __init__(self, real: Machines, tell: Tell, tables: Callable[[], Iterable[str]]) -> None:
        self._real, self._tell, self._tables = real, tell, tables

    def send(
        self, instance_id: str, verb: str, options: Mapping[str, str | int | bool], *, seconds: int, comment: str = ""
    ) -> str:
        if verb in READING_VERBS:
            return self._real.send(instance_id, verb, options, seconds=seconds, comment=comment)
        self._tell(f"run on {instance_id}: {command_line(verb, options)}")
        return DRY

    def poll(self, command_id: str, instance_id: str, verb: str) -> Answer | None:
        if command_id != DRY:
            return self._real.poll(command_id, instance_id, verb)
        if verb == "digest-database":
            return Answer(ok=True, facts={**SAID, "tables": dict.fromkeys(self._tables(), NOT_COMPARED)})
        return Answer(ok=True, facts=SAID_BY_MACHINES)


class DryProvider:
    def __init__(self, real: Provider, tell: Tell) -> None:
        self._real, self._tell = real, tell

    @property
    def operator_tool(self) -> str:
        return self._real.operator_tool

    def find_source_server(self, name: str) -> SourceServer:
        return self._real.find_source_server(name)

    def readiness(self, source_server_id: str, *, tested: bool) -> Readiness:
        return self._real.readiness(source_server_id, tested=tested)

    def prepare_launch(
        self, source_server_id: str, *, launch_settings: LaunchSettings, tags: Mapping[str, str]
    ) -> Mapping[str, Any]:
        self._tell(f"set {launch_settings} and tags {dict(tags)} in the launch settings of {source_server_id}")
        return SAID

    def launch(self, source_server_id: str, kind: Launch, *, since: float) -> str:  # noqa: ARG002 (the interface's)
        self._tell(f"start a {kind} launch of {source_server_id}")
        return DRY

    def job(self, job_id: str) -> Job:
        return (
            Job(job_id=job_id, status=JobStatus.COMPLETED, log=("dry run",))
            if job_id == DRY
            else self._real.job(job_id)
        )

    def launched_instance(self, source_server_id: str) -> str:  # noqa: ARG002
        return DRY

    def launching(self, source_server_id: str) -> str:  # noqa: ARG002
        return ""

    def cleanup(self, source_server_id: str) -> str:
        self._tell(f"remove the replica of {source_server_id}")
        return ""

    def configure_replication(self, settings: ReplicationSettings) -> Mapping[str, Any]:
        self._tell(f"set the replication settings {settings}")
        return SAID


class DryRuns(Runs):
    """Of an item of its own; the point of no return is not passed."""

    REMOVED_ON_RELEASE = ("lock_expires", "lease_expires")
    """with the lease: no source was frozen, so the next dry run need not wait for one to open"""

    def commit(self, run_id: str, *, margin: float) -> float:  # noqa: ARG002
        return self._clock.now()


class DryParameters:
    def __init__(self, real: Parameters, tell: Tell) -> None:
        self._tell = tell
        self.replication, self.target, self.mode = real.replication, real.target, real.mode

    def set_mode(self, mode: str) -> None:
        self._tell(f"set the target's mode to {mode}")


class DryCompute:
    def __init__(self, real: Compute, tell: Tell) -> None:
        self._real, self._tell = real, tell
        self.instance, self.outbound_addresses, self.image_named = (
            real.instance,
            real.outbound_addresses,
            real.image_named,
        )

    def image(self, image_id: str) -> Image | None:
        return (
            Image(image_id=DRY, state="available", reason="", snapshots=())
            if image_id == DRY
            else self._real.image(image_id)
        )

    def delete_image(self, image: Image) -> None:
        self._tell(f"delete image {image.image_id}")


class DryDatabase:
    def __init__(self, real: DatabaseReplication, tell: Tell) -> None:
        self._real, self._tell, self._stopped = real, tell, False
        self.tables, self.lag = real.tables, real.lag

    def task(self) -> Task:
        return replace(self._real.task(), status="stopped") if self._stopped else self._real.task()

    def start(self, how: str) -> None:
        self._tell(f"start the replication task ({how})")

    def reload(self, tables: Sequence[tuple[str, str]]) -> None:
        self._tell(f"load {', '.join('.'.join(name) for name in tables)} anew")

    def stop(self) -> None:
        self._tell("stop the replication task")
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


class DryAdmission:
    def __init__(self, group: str, tell: Tell) -> None:
        self._group, self._tell = group, tell

    def admit(self, cidrs: Iterable[str], ports: Iterable[int], *, note: str) -> None:
        self._tell(f"admit {', '.join(cidrs)} to ports {list(ports)} of {self._group}: {note}")

    def revoke_all(self) -> int:
        self._tell(f"remove every rule of {self._group}")
        return 0

    def probe(self, port: int) -> None:
        self._tell(f"try the permission to change {self._group} (port {port})")


class DryName:
    def __init__(self, real: PublicName, tell: Tell) -> None:
        self._tell, self.record, self.check_zone = tell, real.record, real.check_zone

    def point(self, name: str, *, load_balancer_dns: str, load_balancer_zone_id: str) -> None:  # noqa: ARG002
        self._tell(f"point {name} to {load_balancer_dns}")

    def probe(self, name: str, *, load_balancer_dns: str = "", load_balancer_zone_id: str = "") -> str:  # noqa: ARG002
        self._tell(f"try the permission to change {name}")
        return DRY
