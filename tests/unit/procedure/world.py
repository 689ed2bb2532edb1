# ruff: noqa: ARG002  (the fakes have the clients' signatures)
"""A small world to run the procedure in: two source machines, a provider, a target, and everything that may go wrong with them.

It keeps a log of the actions on it, in order, which is what the tests look at.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from botocore.exceptions import ClientError
from common.clients.autoscaling import Member
from common.clients.compute import Image, Instance, InstanceStatus, build_image_name
from common.clients.dms import TableState, Task
from common.clients.evidence import Evidence
from common.clients.ingress import EVERYONE
from common.clients.machines import CommandResult
from common.clients.provider import Job, JobStatus, Readiness, SourceServer
from common.clients.provider_events import NoProviderEvents, ProviderEvents
from common.clients.reports import Message
from common.clients.runs import Runs
from common.errors import RetryableServiceError, StepFailed
from common.run import Launch, Run
from common.settings import LaunchSettings, Limits, ProviderSettings, Settings
from common.site_parameters import Replication, Target

from tests.unit.procedure.dynamo import FakeDynamo
from tests.unit.procedure.machines import APP, DATABASE, PASSED, REPLICA, TABLES, TARGETS, CommandFaults, FakeMachines
from tests.unit.procedure.source import FakeSource

SETTINGS = Settings(
    site="gogs",
    runs_table="runs",
    evidence_bucket="evidence",
    provider=ProviderSettings(kind="fake", source_server_name="gogs-app"),
    limits=Limits(),
    launch_settings=LaunchSettings(subnet_id="subnet-1"),
)


class Alarm(Protocol):
    """What happens by itself when time passes."""

    def due(self, until: float) -> float | None: ...

    def ring(self) -> None: ...


class FakeClock:
    """Time passes only when somebody waits."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0
        self.alarms: list[Alarm] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        until = self.time + seconds
        while waiting := [(due, alarm) for alarm in self.alarms if (due := alarm.due(until)) is not None]:
            due, alarm = min(waiting, key=lambda one: one[0])
            self.time = max(self.time, due)
            alarm.ring()
        self.time = until


@dataclass
class World:
    """Implements procedure.context.Toolbox by being all of the clients itself."""

    clock: FakeClock = field(default_factory=FakeClock)
    dynamo: FakeDynamo = field(default_factory=FakeDynamo)
    action_log: list[str] = field(default_factory=list)
    files: dict[str, Any] = field(default_factory=dict)
    """objects of the evidence bucket"""
    bucket_refuses: bool = False
    site_url: str = "http://git.example.com/"
    ssh_dns_name: str = ""
    mode_value: str = "scratch"
    task_status: str = "running"
    balanced: set[str] = field(default_factory=set)
    rules: set[tuple[str, int]] = field(default_factory=set)
    refusals: int = 0
    """how often EC2 does not let everyone in"""
    replica: str = ""
    replica_state: str = "running"
    finalized: bool = False
    """the provider no longer replicates the source server"""
    waiting: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    job_status: JobStatus = JobStatus.COMPLETED
    messages: list[Message] = field(default_factory=list)
    members_now: list[str] = field(default_factory=lambda: list(TARGETS))
    image_state: str = "available"
    responses: dict[str, Callable[[str, Mapping[str, Any]], CommandResult | None]] = field(default_factory=dict)
    """by verb: what a machine returns instead of the expected result"""
    unreachable: Callable[[str, str, Mapping[str, Any]], bool] = lambda *_: False
    """whether Systems Manager refuses a command, by instance, verb and options"""
    sent: dict[str, tuple[str, str, dict[str, Any]]] = field(default_factory=dict)
    report: Callable[[World, Run], dict[str, Any] | None] | None = None
    run: Run | None = None
    change_count: int = 0
    loads: int = 1
    """how often tables were loaded"""
    lag_seconds: float | None = 0.4
    reports_default: bool = True
    imaged: str = ""
    """the run that an image was made for"""
    modes: dict[str, str] = field(default_factory=dict)
    """what each instance of the target serves, as far as it was notified"""
    names: dict[str, str] = field(default_factory=dict)
    """public names, by where they lead"""
    watchers: list[Callable[[str], None]] = field(default_factory=list)
    """called after each change of anything, with its name; what they raise is what the procedure gets instead of its response"""
    commands: CommandFaults | None = None
    command_results: dict[str, Callable[[], CommandResult | None]] = field(default_factory=dict)
    """by command: what a poll of its machine returns"""

    provider_events: ProviderEvents = field(default_factory=NoProviderEvents)

    # -- toolbox ---------------------------------------------------------------
    def __post_init__(self) -> None:
        self.runs = Runs(self.dynamo, "runs", "gogs", clock=self.clock)  # type: ignore[arg-type]  # as much of it as is used
        self.source = FakeSource(self.dynamo, self.clock, self.changed)
        self.clock.alarms.append(self.source)
        self.dynamo.after = lambda: self.changed("record")

    def changed(self, what: str) -> None:
        for watcher in self.watchers:
            watcher(what)

    def note(self, line: str) -> None:
        self.action_log.append(line)
        self.changed(line)

    @property
    def everyone_admitted(self) -> bool:
        return any(cidr in EVERYONE for cidr, _ in self.rules)

    @property
    def parameters(self) -> Any:
        return self

    @property
    def provider(self) -> Any:
        return self

    @property
    def machines(self) -> Any:
        return FakeMachines(self)

    @property
    def compute(self) -> Any:
        return self

    @property
    def consoles(self) -> Any:
        return self

    def create_evidence(self, run_id: str) -> Evidence:
        return Evidence(FakeBucket(self.files, refused=self.bucket_refuses), "evidence", run_id)  # type: ignore[arg-type]

    def create_database(self, task_arn: str) -> Any:
        assert task_arn == "arn:task"
        return self

    def create_reports(self, queue_url: str) -> Any:
        assert queue_url == "http://queue"
        return self

    def create_ingress(self, security_group_id: str) -> Any:
        assert security_group_id == "sg-admission"
        return self

    def create_members(self, auto_scaling_group: str = "") -> Any:
        if auto_scaling_group:
            return FakeMembers(self)
        raise AssertionError

    def create_public_name(self, zone_id: str) -> Any:
        assert zone_id == "Z1"
        return FakeName(self)

    # -- parameters ------------------------------------------------------------
    def read_replication(self) -> Replication:
        return Replication(
            database_endpoint="db", database_port=3306, database_admin_secret="a", database_app_secret="b", source_database_secret="c",
            site_secret="d", file_system_id="fs-1", evidence_bucket="evidence", runs_table="runs", replication_task_arn="arn:task",
            source_app_instance_id=APP, source_database_instance_id=DATABASE,
        )  # fmt: skip

    def read_target(self, given: Mapping[str, Any]) -> Target:
        return Target.from_json(
            {
                "topic_arn": "arn:topic", "queue_url": "http://queue", "site_dns_name": "git.example.com", "hosted_zone_id": "Z1",
                "ssh_dns_name": self.ssh_dns_name, "ssh_port": 2222,
                "site_url": self.site_url, "load_balancer_dns": "alb", "load_balancer_zone_id": "ZLB", "ssh_load_balancer_dns": "nlb",
                "admission_security_group_id": "sg-admission", "auto_scaling_group": "asg", **given,
            }
        )  # fmt: skip

    def read_mode(self) -> str:
        return self.mode_value

    def set_mode(self, mode: str) -> None:
        was, self.mode_value = self.mode_value, mode
        if mode != was:
            self.note(f"mode {mode}")

    # -- provider --------------------------------------------------------------
    operator_tool = "the provider's own tool"

    def find_source_server(self, name: str) -> SourceServer:
        return SourceServer(source_server_id="m-1", name=name)

    def check_readiness(self, source_server_id: str, *, tested: bool) -> Readiness:
        return Readiness(waiting=self.waiting, blocked=self.blocked, facts={"tested": tested})

    def prepare_launch(
        self, source_server_id: str, *, launch_settings: LaunchSettings, tags: Mapping[str, str]
    ) -> Mapping[str, Any]:
        self.tags = dict(tags)
        return {"tags": tags}

    def mark_ready_for_cutover(self, source_server_id: str) -> Mapping[str, Any]:
        return {}

    def launch(self, source_server_id: str, kind: Launch, *, since: float) -> str:
        if self.replica:
            return f"job-{kind}"  # asked again after a lost answer, the real one finds its job
        self.replica = REPLICA
        if self.reports_default and self.run is not None:
            self.messages.append(Message(receipt="r", body=self.body(self.run)))
        self.note(f"launch {kind}")
        return f"job-{kind}"

    def body(self, run: Run, **changes: Any) -> dict[str, Any]:
        self.imaged = run.run_id if run.launch == "TEST" else self.imaged
        body = {
            "run_id": run.run_id,
            "instance_id": REPLICA,
            "launch": run.launch,
            "outcome": "pass",
            "checks": PASSED,
            "reason": "",
        }
        return {**body, **({"image_id": "ami-1"} if run.launch == "TEST" else {}), **changes}

    def read_job(self, job_id: str) -> Job:
        status = JobStatus.COMPLETED if job_id == "job-cleanup" else self.job_status
        return Job(
            job_id=job_id, status=status, log=("Started", "No capacity") if status is JobStatus.FAILED else ("Started",)
        )

    def refresh(self) -> None: ...

    def find_launched_instance(self, source_server_id: str) -> str:
        return self.replica

    def find_launch_job(self, _machine_id: str) -> str:
        return "job-launch" if self.replica and self.job_status is JobStatus.RUNNING else ""

    def remove_replica(self, source_server_id: str) -> str:
        if not self.replica:
            return ""
        self.replica = ""
        self.note("clean up")
        return "job-cleanup"

    def finalize(self, source_server_id: str) -> Mapping[str, Any]:
        if not self.finalized:
            self.finalized = True
            self.note("finalize")
        return {"state": "finalized"}

    # -- ec2 -------------------------------------------------------------------
    def find_instance(self, instance_id: str) -> Instance:
        return Instance(
            instance_id=instance_id, state="running", tags={}, private_ip="10.10.1.5", public_ip="", vpc_id="vpc-1"
        )

    def find_instance_status(self, instance_id: str) -> InstanceStatus | None:
        return InstanceStatus(state=self.replica_state, system="ok", instance="initializing")

    def read(self, instance_id: str) -> str:
        """The console's output."""
        return f"{instance_id} login:"

    def list_outbound_addresses(self, instance: Instance) -> list[str]:
        return ["198.51.100.7"]

    def find_image(self, image_id: str) -> Image | None:
        return Image(image_id=image_id, state=self.image_state, reason="", snapshots=("snap-1",))

    def find_image_by_name(self, name: str) -> Image | None:
        made = bool(self.imaged) and name == build_image_name("gogs", self.imaged)
        return Image(image_id="ami-1", state="available", reason="", snapshots=("snap-1",)) if made else None

    def delete_image(self, image: Image) -> None:
        self.imaged = ""
        self.note(f"delete image {image.image_id}")

    # -- dms -------------------------------------------------------------------
    def read_task(self) -> Task:
        status, self.task_status = self.task_status, "stopped" if self.task_status == "stopping" else self.task_status
        return Task(
            arn="arn:task", name="rows", status=status, percent=100, stop_reason="", failure="", started_before=True
        )

    def list_tables(self) -> list[TableState]:
        names = [("gogs", name) for name in TABLES] + [("cutover", "marker")]
        return [
            TableState(schema=s, table=t, state="Table completed", full_load_rows=3,
                       validation="Validated", failed_records=0, loaded_at=float(self.loads))
            for s, t in names
        ]  # fmt: skip

    def read_lag(self, task: Task, *, now: float) -> float | None:
        return self.lag_seconds

    def reload(self, tables: Iterable[tuple[str, str]]) -> None:
        self.loads += 1
        self.note(f"dms reload {', '.join('.'.join(name) for name in tables)}")

    def start(self, how: str) -> None:
        self.task_status = "running"
        self.note(f"dms {how}")

    def stop(self) -> None:
        self.task_status = "stopping"
        self.note("dms stop")

    # -- sqs, security group ----------------------------------------------------
    def receive(self, *, wait_seconds: int) -> list[Message]:
        if not self.messages:
            self.clock.sleep(wait_seconds)
        return list(self.messages)

    def delete(self, message: Message) -> None:
        self.messages.remove(message)
        self.changed("message deleted")

    def allow(self, cidrs: Collection[str], ports: Iterable[int], *, note: str) -> None:
        if self.refusals and set(EVERYONE) & set(cidrs):
            self.refusals -= 1
            raise RetryableServiceError("ec2:AuthorizeSecurityGroupIngress: throttled")
        added = {(cidr, port) for cidr in cidrs for port in ports} - self.rules
        self.rules |= added
        if added:
            self.note(f"admit {', '.join(sorted({cidr for cidr, _ in added}))}")

    def revoke_all(self) -> int:
        count, self.rules = len(self.rules), set()
        if count:
            self.note("revoke admission")
        return count

    def probe(self, port: int) -> None: ...


class FakeMembers:
    def __init__(self, world: World) -> None:
        self._world = world

    def list_members(self) -> list[Member]:
        return [Member(instance_id=i, in_service=True) for i in self._world.members_now]

    def list_unbalanced_members(self) -> list[str]:
        """Each new member is found healthy at the second look."""
        fresh = [i for i in self._world.members_now if i not in self._world.balanced]
        self._world.balanced.update(fresh)
        return [f"{i}: the first health check has not ended" for i in fresh]


class FakeName:
    def __init__(self, world: World) -> None:
        self._world = world

    def list_record_sets(self, name: str) -> list[dict[str, Any]]:
        return [{"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "203.0.113.1"}]}]

    def check_zone(self, names: list[str]) -> list[str]:
        return []

    def point_name(self, name: str, *, load_balancer_dns: str, load_balancer_zone_id: str) -> None:
        self._world.names[name] = load_balancer_dns
        self._world.note(f"point {name} to {load_balancer_dns}")

    def probe(self, name: str, *, load_balancer_dns: str, load_balancer_zone_id: str) -> str:
        return "tried"


class FakeBucket:
    def __init__(self, objects: dict[str, Any], *, refused: bool) -> None:
        self._objects, self._refused = objects, refused

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        if Key not in self._objects:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": Key}}, "GetObject")
        return {"Body": io.BytesIO(self._objects[Key])}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:  # noqa: N803
        if self._refused:
            raise ClientError({"Error": {"Code": "ServiceUnavailable", "Message": Key}}, "PutObject")
        self._objects[Key] = Body


def failing_response(reason: str) -> Callable[[str, Mapping[str, Any]], CommandResult]:
    return lambda _instance, _options: CommandResult(ok=False, facts={"ok": False, "reason": reason, "next": "look"})


def boom(reason: str) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise StepFailed(reason, machine="i-x", next_action="look")

    return fail
