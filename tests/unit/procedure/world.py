# ruff: noqa: ARG002  (the fakes have the clients' signatures)
"""A small world to run the procedure in: two source machines, a provider, a target, and everything that may go wrong with them.

It keeps a log of the actions on it, in order, which is what the tests look at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from common.clients.compute import Image, Instance, InstanceStatus, build_image_name
from common.clients.evidence import Evidence
from common.clients.ingress import EVERYONE
from common.clients.machines import CommandResult
from common.clients.messages import Messages, NoMessages
from common.clients.nodes import NodeProblem
from common.clients.provider_events import NoProviderEvents, ProviderEvents
from common.clients.reports import Message
from common.clients.runs import Runs
from common.errors import RetryableServiceError
from common.run import Run
from common.settings import LaunchSettings, Limits, ProviderSettings, Settings
from common.site_parameters import Replication, Target
from cutover_site.aws.milestones import has_reached
from cutover_site.errors import Refused

from tests.unit.procedure.clock import FakeClock
from tests.unit.procedure.dynamo import FakeDynamo
from tests.unit.procedure.machines import APP, DATABASE, TARGETS, CommandFaults, FakeMachines, Waiting
from tests.unit.procedure.provider_fake import FakeProvider
from tests.unit.procedure.replication_fake import FakeReplication
from tests.unit.procedure.service_fakes import FakeBucket, FakeMembers, FakeName
from tests.unit.procedure.source import FakeSource

SETTINGS = Settings(
    site="gogs",
    runs_table="runs",
    evidence_bucket="evidence",
    provider=ProviderSettings(kind="fake", source_server_name="gogs-app"),
    limits=Limits(),
    launch_settings=LaunchSettings(subnet_id="subnet-1"),
)


@dataclass
class World(FakeProvider, FakeReplication):
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
    balanced: set[str] = field(default_factory=set)
    rules: set[tuple[str, int]] = field(default_factory=set)
    refusals: int = 0
    """how often EC2 does not let everyone in"""
    replica_state: str = "running"
    members_now: list[str] = field(default_factory=lambda: list(TARGETS))
    image_state: str = "available"
    responses: dict[str, Callable[[str, Mapping[str, Any]], CommandResult | None]] = field(default_factory=dict)
    """by verb: what a machine returns instead of the expected result"""
    unreachable: Callable[[str, str, Mapping[str, Any]], bool] = lambda *_: False
    """whether Systems Manager refuses a command, by instance, verb and options"""
    sent: dict[str, tuple[str, str, dict[str, Any]]] = field(default_factory=dict)
    report: Callable[[World, Run], dict[str, Any] | None] | None = None
    change_count: int = 0
    modes: dict[str, str] = field(default_factory=dict)
    """what each instance of the target serves, as far as it was notified"""
    names: dict[str, str] = field(default_factory=dict)
    """public names, by where they lead"""
    addresses: dict[str, set[str]] = field(default_factory=dict)
    """what the resolver returns, by name"""
    watchers: list[Callable[[str], None]] = field(default_factory=list)
    """called after each change of anything, with its name; what they raise is what the procedure gets instead of its response"""
    commands: CommandFaults | None = None
    command_results: dict[str, Callable[[], CommandResult | None]] = field(default_factory=dict)
    """by command: what a poll of its machine returns"""

    waiting_commands: dict[str, Waiting] = field(default_factory=dict)
    """commands that wait on their machines for a milestone"""
    node_problems: dict[str, NodeProblem] = field(default_factory=dict)
    """by node: why Systems Manager reaches it not"""
    provider_events: ProviderEvents = field(default_factory=NoProviderEvents)
    functions: Any = None
    people_messages: Messages = field(default_factory=NoMessages)

    # -- toolbox ---------------------------------------------------------------
    def __post_init__(self) -> None:
        self.runs = Runs(self.dynamo, "runs", "gogs", clock=self.clock)  # type: ignore[arg-type]  # as much of it as is used
        self.source = FakeSource(self.dynamo, self.clock, self.changed)
        self.clock.alarms.append(self.source)
        self.dynamo.after = self._after_record_change

    def _after_record_change(self) -> None:
        self.start_waiting()
        self.changed("record")

    def start_waiting(self) -> None:
        """Let each command that waits for a milestone go on, if its run has reached it or never will."""
        for command, waiting in list(self.waiting_commands.items()):
            if command not in self.waiting_commands:
                continue
            try:
                if not has_reached(waiting.run, waiting.milestone, self.source.record.read()):
                    continue
            except Refused as refused:
                del self.waiting_commands[command]
                facts = {"ok": False, "reason": str(refused), "next": refused.next_action}
                self.command_results[command] = partial(CommandResult, ok=False, facts=facts)
            else:
                del self.waiting_commands[command]  # first, because its start may change the record
                waiting.start()

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

    def resolve(self, name: str) -> frozenset[str]:
        return frozenset(self.addresses.get(name, ()))

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
