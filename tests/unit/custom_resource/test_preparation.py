"""Custom resources of ReplicationStack."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Literal

import pytest
from common.clients.connections import Connection
from common.clients.dms import Task
from common.clients.machines import CommandResult
from common.clients.provider import ReplicationSettings
from common.clients.run_record import Record
from common.errors import ConfigurationError, Missing, RetryableCommandError, StepFailed
from custom_resource import handler
from custom_resource.event import Request
from custom_resource.resources.database import PrepareTargetDatabase
from custom_resource.resources.provider_settings import ProviderInitializationResource, ProviderSettingsResource
from custom_resource.resources.replication import StartReplication

from tests.unit.procedure.clock import FakeClock


def request(kind: Any, properties: dict[str, Any], **more: Any) -> Request:
    return Request(kind=kind, resource_type="x", properties=properties, physical_id="", identity="a", **more)


class FakeTask:
    def __init__(self, status: str, *, started_before: bool = False, exists: bool = True) -> None:
        self.status, self.started_before, self.exists = status, started_before, exists
        self.action_log: list[str] = []

    def read_task(self) -> Task:
        if not self.exists:
            raise Missing("replication task does not exist")
        if self.status == "denied":
            raise StepFailed("dms:DescribeReplicationTasks: AccessDenied")
        return Task(
            arn="a",
            name="rows",
            status=self.status,
            percent=0,
            stop_reason="",
            failure="bad host",
            started_before=self.started_before,
        )

    def start(self, how: str) -> None:
        self.action_log.append(how)

    def stop(self) -> None:
        self.action_log.append("stop")


class FakeConnections:
    """A test that is asked for is under way at once."""

    def __init__(self, source: str = "successful", target: str = "successful") -> None:
        self.states = {"source": source, "target": target}
        self.action_log: list[str] = []

    def list_connections(self, _task: Task) -> list[Connection]:
        return [
            Connection(side=side, endpoint=side, instance="i", name=side, status=status, failure="no route")
            for side, status in self.states.items()
        ]

    def start_test(self, connection: Connection) -> None:
        self.states[connection.side] = "testing"
        self.action_log.append(connection.side)


class FakeRuns:
    def __init__(self, *, decision: Literal["commit", ""] = "") -> None:
        self.decision = decision

    def read(self) -> Record:
        return Record(run_id="first-c-1", decision=self.decision)


def replication(
    task: FakeTask, connections: FakeConnections | None = None, runs: FakeRuns | None = None
) -> StartReplication:
    return StartReplication(
        runs=runs or FakeRuns(),  # type: ignore[arg-type]
        database=lambda _arn: task,  # type: ignore[arg-type, return-value]
        connections=connections or FakeConnections(),  # type: ignore[arg-type]
    )


TASK = {"TaskArn": "a"}


@pytest.mark.parametrize(
    ("kind", "task", "action_log"),
    [
        ("Create", FakeTask("ready"), ["start-replication"]),
        ("Create", FakeTask("stopped", started_before=True), ["resume-processing"]),
        ("Create", FakeTask("running"), []),
        ("Update", FakeTask("stopped", started_before=True), []),
        ("Delete", FakeTask("running"), ["stop"]),
        ("Delete", FakeTask("stopped"), []),
        ("Delete", FakeTask("gone", exists=False), []),
    ],
)
def test_the_task_is_started_once_and_stopped_at_the_end(kind: str, task: FakeTask, action_log: list[str]) -> None:
    replication(task).start(request(kind, TASK))

    assert task.action_log == action_log


@pytest.mark.parametrize(
    ("kind", "status", "complete"),
    [
        ("Create", "starting", False),
        ("Create", "running", True),
        ("Update", "stopped", True),
        ("Delete", "stopping", False),
        ("Delete", "stopped", True),
        ("Delete", "failed", True),
    ],
)
def test_the_preparation_waits_for_the_task(kind: str, status: str, complete: bool) -> None:
    assert replication(FakeTask(status)).check_progress(request(kind, TASK)).complete is complete


def test_a_task_that_cannot_be_described_is_not_considered_deleted() -> None:
    # Given a task that may still run, which nobody is permitted to describe
    resource = replication(FakeTask("denied"))
    for call in (resource.start, resource.check_progress):
        with pytest.raises(StepFailed, match="AccessDenied"):
            call(request("Delete", TASK))
    # And a missing task counts as stopped
    assert replication(FakeTask("gone", exists=False)).check_progress(request("Delete", TASK)).complete


def test_a_failed_task_is_reported_with_its_reason() -> None:
    with pytest.raises(StepFailed, match="bad host"):
        replication(FakeTask("failed")).check_progress(request("Create", TASK))


def test_the_task_is_started_when_both_endpoints_are_reachable() -> None:
    # Given: one endpoint that was never tested, and one whose test failed in an earlier deploy
    task, connections = FakeTask("ready"), FakeConnections("", "failed")
    resource, create = replication(task, connections), request("Create", TASK)

    # When/Then: both are tested, and nothing is started while a test runs
    resource.start(create)
    assert connections.action_log == ["source", "target"]
    connections.states["source"] = "successful"
    assert not resource.check_progress(create).complete
    assert task.action_log == []

    # When/Then: the second succeeds
    connections.states["target"] = "successful"
    assert not resource.check_progress(create).complete
    assert task.action_log == ["start-replication"]
    assert connections.action_log == ["source", "target"]


def test_an_unreachable_endpoint_is_named() -> None:
    task = FakeTask("ready")

    with pytest.raises(StepFailed, match=r"the target endpoint target cannot be reached .*: no route"):
        replication(task, FakeConnections("successful", "failed")).check_progress(request("Create", TASK))

    assert task.action_log == []


@pytest.mark.parametrize("kind", ["Update", "Delete"])
def test_connections_are_tested_only_for_a_new_resource(kind: str) -> None:
    connections = FakeConnections("", "")
    resource = replication(FakeTask("stopped", started_before=True), connections)

    resource.start(request(kind, TASK))
    resource.check_progress(request(kind, TASK))

    assert connections.action_log == []


class FakeMachines:
    def __init__(self, *, deaf: int = 0, result: CommandResult | None = None) -> None:
        self.deaf, self.result = deaf, result
        self.options: dict[str, Any] = {}

    def send(self, _instance: str, _verb: str, options: Any, *, seconds: int, comment: str) -> str:  # noqa: ARG002
        self.options = options
        if self.deaf:
            self.deaf -= 1
            raise RetryableCommandError("not connected")
        return "c-1"

    def poll(self, command_id: str, _instance: str, _verb: str) -> CommandResult | None:
        assert command_id == "c-1"
        return self.result


def schema(machines: FakeMachines, runs: FakeRuns | None = None) -> PrepareTargetDatabase:
    return PrepareTargetDatabase(
        machines=machines,  # type: ignore[arg-type]
        clock=FakeClock(),
        site="gogs",
        runs=runs or FakeRuns(),  # type: ignore[arg-type]
    )


def test_nothing_is_loaded_into_the_database_of_a_site_that_has_moved() -> None:
    """Given a committed run; when the stacks of the migration are deployed again; then DMS does not empty the live tables."""
    task, moved = FakeTask("ready"), FakeRuns(decision="commit")
    for resource, properties in (
        (replication(task, runs=moved), TASK),
        (schema(FakeMachines(), moved), {"InstanceId": "i-1"}),
    ):
        with pytest.raises(StepFailed, match="already moved by run first-c-1"):
            resource.start(request("Create", properties))
    assert task.action_log == []


def test_the_stack_of_a_moved_site_can_still_be_deleted() -> None:
    task, moved = FakeTask("stopped"), FakeRuns(decision="commit")
    assert replication(task, runs=moved).start(request("Delete", TASK)).physical_id
    assert schema(FakeMachines(), moved).start(request("Delete", {"InstanceId": "i-1"})).physical_id


def test_the_preparation_waits_for_a_booting_machine() -> None:
    assert schema(FakeMachines(deaf=3)).start(request("Create", {"InstanceId": "i-1"})).data == {"CommandId": "c-1"}


@pytest.mark.parametrize(("node", "options"), [("i-1", {}), ("mi-0a1b2c3d4e5f60718", {"site": "gogs"})])
def test_a_hybrid_node_checks_that_it_is_prepared_for_this_site(node: str, options: dict[str, str]) -> None:
    machines = FakeMachines()
    schema(machines).start(request("Create", {"InstanceId": node}))
    assert machines.options == options


def test_the_server_of_an_existing_source_checks_which_schema_is_replicated() -> None:
    machines = FakeMachines()
    schema(machines).start(request("Create", {"InstanceId": "i-1", "Schema": "forge"}))
    assert machines.options == {"primary-schema": "forge"}


def test_the_preparation_waits_for_the_schema_command() -> None:
    asked = request("Create", {"InstanceId": "i-1"}, data={"CommandId": "c-1"})

    assert not schema(FakeMachines()).check_progress(asked).complete
    assert schema(FakeMachines(result=CommandResult(ok=True, facts={"tables": 3}))).check_progress(asked).complete
    with pytest.raises(StepFailed, match="table differs"):
        schema(FakeMachines(result=CommandResult(ok=False, facts={"reason": "table differs"}))).check_progress(asked)


def test_deleting_the_schema_keeps_the_rows() -> None:
    delete = request("Delete", {"InstanceId": "i-1"})

    assert schema(FakeMachines(deaf=99)).start(delete).physical_id == "target-database"
    assert schema(FakeMachines()).check_progress(delete).complete


def test_provider_settings_are_sent_with_their_types() -> None:
    sent: list[Any] = []

    class Console:
        def initialize(self, defaults: Any) -> Any:
            sent.append(("initialize", defaults))

        def configure_replication(self, wanted: Any) -> Any:
            sent.append(wanted)
            return wanted

    resource = ProviderSettingsResource(provider=Console())  # type: ignore[arg-type]
    given = {"subnet_id": "subnet-1", "security_group_ids": ["sg-1"], "use_private_ip": True}
    resource.start(request("Create", {"Configuration": json.dumps(given)}))
    resource.start(request("Delete", {"Configuration": "{}"}))

    wanted = ReplicationSettings(subnet_id="subnet-1", security_group_ids=("sg-1",), use_private_ip=True)
    assert sent == [("initialize", wanted), wanted]


def test_the_provider_is_prepared_before_the_first_agent_and_stays_so(request_of_source: Request) -> None:
    sent: list[Any] = []

    class Service:
        def initialize(self, defaults: Any) -> Any:
            sent.append(defaults)

    resource = ProviderInitializationResource(provider=Service())  # type: ignore[arg-type]
    started = resource.start(request_of_source)
    assert started.physical_id == "provider-initialization"
    resource.start(replace(request_of_source, kind="Delete", physical_id=started.physical_id))

    assert sent == [ReplicationSettings(subnet_id="subnet-1", security_group_ids=(), use_private_ip=True)]


@pytest.fixture
def request_of_source() -> Request:
    given = {"subnet_id": "subnet-1", "security_group_ids": [], "use_private_ip": True}
    return request("Create", {"Configuration": json.dumps(given)})


def test_the_function_of_the_source_needs_no_run_record(
    monkeypatch: pytest.MonkeyPatch, request_of_source: Request
) -> None:
    """Given the environment of SourceStack's function; when CloudFormation creates the resource; then the client of the provider is made."""
    own = {"replication_server_instance_type": "t3.small", "ebs_encryption_key_arn": "", "bandwidth_throttling_mbps": 0,
           "boot_mode": "USE_SOURCE"}  # fmt: skip
    variables = {
        "CUTOVER_PROVIDER": "mgn",
        "CUTOVER_SOURCE_SERVER": "gogs",
        "CUTOVER_PROVIDER_SETTINGS": json.dumps(own),
    }
    for name in ("CUTOVER_SITE", "CUTOVER_RUNS_TABLE", "CUTOVER_EVIDENCE_BUCKET"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**variables, "AWS_DEFAULT_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(name, value)

    resource = handler.create_resource.__wrapped__("Custom::ProviderInitialization")

    assert isinstance(resource, ProviderInitializationResource)
    assert resource.provider.operator_tool == "the MGN console"
    assert resource.check_progress(request_of_source).complete


@pytest.mark.parametrize(
    ("configuration", "message"),
    [("{", "is not JSON"), ('{"subnet_id": "subnet-1"}', "must be a JSON object with the keys"), ("[]", "JSON object")],
)
def test_provider_settings_of_another_release_are_rejected_with_a_message(configuration: str, message: str) -> None:
    resource = ProviderSettingsResource(provider=object())  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=message):
        resource.start(request("Update", {"Configuration": configuration}))
