"""CloudEndure behind the provider interface: what launches once, what is sent back complete, what is reported about readiness."""

from __future__ import annotations

from typing import Any

import pytest
from common.clients.cloudendure import CloudEndure
from common.clients.cloudendure.readiness import evaluate
from common.clients.cloudendure.session import Conflict
from common.errors import RetryableProviderError, StepFailed
from common.settings import LaunchSettings

NOW = 1_800_000_000.0
READY = {
    "isAgentInstalled": True,
    "replicationStatus": "STARTED",
    "replicationInfo": {
        "lastConsistencyDateTime": "2027-01-15T07:59:00.000000+00:00",
        "totalStorageBytes": 100,
        "replicatedStorageBytes": 100,
        "rescannedStorageBytes": 0,
        "backloggedStorageBytes": 0,
    },
    "lifeCycle": {"lastTestLaunchDateTime": "2027-01-15T07:00:00.000000+00:00"},
}


class FakeSession:
    """Lists by the end of their path, responses to calls by method and path."""

    def __init__(
        self, lists: dict[str, list[dict[str, Any]]], responses: dict[str, Any] | None = None, *, modern: bool = True
    ) -> None:
        self.lists = {"/projects": [{"id": "p-1", "name": "Demo"}], **lists}
        self.responses = responses or {}
        self.supports_launch_machines = modern
        self.calls: list[tuple[str, str, Any]] = []

    def list_items(self, path: str, *, params: Any = None) -> list[dict[str, Any]]:  # noqa: ARG002
        return self.lists.get("/" + path.rsplit("/", 1)[1], [])

    def request(self, method: str, path: str, *, json: Any = None, repeatable: bool = True) -> Any:  # noqa: ARG002
        self.calls.append((method, path, json))
        response = self.responses.get(f"{method} {path.removeprefix('/projects/p-1')}")
        if isinstance(response, Exception):
            raise response
        return response


def provider(session: FakeSession) -> CloudEndure:
    return CloudEndure(session, "Demo")  # type: ignore[arg-type]


def job(**changes: Any) -> dict[str, Any]:
    fresh = {
        "id": "j-1",
        "type": "TEST_LAUNCH",
        "status": "STARTED",
        "participatingMachines": ["m-1"],
        "creationDateTime": "2027-01-15T08:00:01+00:00",
    }
    return {**fresh, **changes}


def test_a_launch_is_sent_in_the_current_format() -> None:
    session = FakeSession({}, {"POST /launchMachines": {"id": "j-9"}})

    assert provider(session).launch("m-1", "TEST", since=NOW) == "j-9"
    assert session.calls[-1][2] == {"items": [{"machineId": "m-1"}], "launchType": "TEST"}


@pytest.mark.parametrize(("kind", "path"), [("TEST", "performTest"), ("CUTOVER", "performCutover")])
def test_a_launch_is_sent_in_the_format_of_2017(kind: Any, path: str) -> None:
    session = FakeSession({}, {f"POST /{path}": {"id": "j-9"}}, modern=False)

    assert provider(session).launch("m-1", kind, since=NOW) == "j-9"


def test_a_repeated_launch_reuses_its_own_job() -> None:
    session = FakeSession({"/jobs": [job()]})

    assert provider(session).launch("m-1", "TEST", since=NOW) == "j-1"
    assert session.calls == []


@pytest.mark.parametrize(
    "other",
    [
        job(creationDateTime="2027-01-15T07:59:59+00:00"),
        job(type="CUTOVER_LAUNCH"),
        job(participatingMachines=["m-2"]),
        job(status="FAILED"),
    ],
)
def test_jobs_of_other_launches_are_not_reused(other: dict[str, Any]) -> None:
    session = FakeSession({"/jobs": [other]}, {"POST /launchMachines": {"id": "j-new"}})

    assert provider(session).launch("m-1", "TEST", since=NOW) == "j-new"


def test_a_launch_of_a_busy_machine_is_retryable() -> None:
    session = FakeSession({}, {"POST /launchMachines": Conflict("the machine has a job")})

    with pytest.raises(RetryableProviderError, match="has a job"):
        provider(session).launch("m-1", "TEST", since=NOW)


def test_the_complete_blueprint_is_sent_back() -> None:
    disks = [{"name": "/dev/sda1", "type": "SSD", "iops": 0}]
    blueprint = {"id": "b-1", "machineId": "m-1", "disks": disks, "instanceType": "COPY_ORIGIN", "placementGroup": "x",
                 "tags": [{"key": "team", "value": "a"}, {"key": "cutover:run-id", "value": "old"}]}  # fmt: skip
    session = FakeSession({"/blueprints": [blueprint, {"id": "b-2", "machineId": "m-2"}]})

    provider(session).prepare_launch(
        "m-1", launch_settings=LaunchSettings(subnet_id="s-1"), tags={"cutover:run-id": "new"}
    )

    method, path, sent = session.calls[-1]
    assert (method, path) == ("PATCH", "/projects/p-1/blueprints/b-1")
    assert sent["disks"] == disks
    assert sent["placementGroup"] == "x"
    assert sent["subnetIDs"] == ["s-1"]
    assert sent["instanceType"] == "COPY_ORIGIN"
    assert sent["tags"] == [{"key": "team", "value": "a"}, {"key": "cutover:run-id", "value": "new"}]


def test_an_unknown_machine_is_reported_with_the_known_ones() -> None:
    session = FakeSession({"/machines": [{"id": "m-1", "sourceProperties": {"name": "gogs-app"}}]})

    with pytest.raises(StepFailed, match="it has: gogs-app"):
        provider(session).find_source_server("gogs-db")


def test_an_unknown_project_is_reported_with_the_visible_ones() -> None:
    with pytest.raises(StepFailed, match="it sees: Demo"):
        CloudEndure(FakeSession({}), "Prod").find_source_server("x")  # type: ignore[arg-type]


def test_a_cleanup_without_a_replica_does_nothing() -> None:
    session = FakeSession({}, {"GET /machines/m-1": {"id": "m-1", "replica": ""}})

    assert provider(session).remove_replica("m-1") == ""


def ready(**changes: Any) -> dict[str, Any]:
    info = {**READY["replicationInfo"], **changes.pop("info", {})}  # type: ignore[dict-item]
    return {**READY, "replicationInfo": {k: v for k, v in info.items() if v is not None}, **changes}


def test_a_machine_with_continuous_replication_is_ready() -> None:
    found = evaluate(READY, now=NOW, consistency_age=1800, tested=True)
    assert (found.waiting, found.blocked) == ((), ())


@pytest.mark.parametrize(
    ("machine", "reason_part"),
    [
        (ready(info={"lastConsistencyDateTime": None, "replicatedStorageBytes": 40}), "initial sync 40 %"),
        (ready(info={"backloggedStorageBytes": 7}), "7 bytes of changes"),
        (ready(info={"rescannedStorageBytes": 9}), "9 bytes are being rescanned"),
        (ready(info={"replicatedStorageBytes": 99}), "99 % of its storage"),
        (ready(info={"lastConsistencyDateTime": "2027-01-15T06:00:00+00:00"}), "7200 s old"),
    ],
)
def test_temporary_conditions_are_waiting_reasons(machine: dict[str, Any], reason_part: str) -> None:
    readiness = evaluate(machine, now=NOW, consistency_age=1800, tested=True)

    assert not readiness.blocked
    assert any(reason_part in reason for reason in readiness.waiting)


FAILED_STEP = {
    "items": [{"steps": [{"name": "BOOTING_REPLICATION_SERVER", "status": "FAILED", "message": "no capacity"}]}]
}


@pytest.mark.parametrize(
    ("machine", "reason_part"),
    [
        (ready(isAgentInstalled=False), "no agent"),
        (ready(replicationStatus="PAUSED"), "paused"),
        (ready(lifeCycle={}), "never launched for a test"),
        (
            ready(info={"lastConsistencyDateTime": None, "initiationStates": FAILED_STEP}),
            "BOOTING_REPLICATION_SERVER: no capacity",
        ),
    ],
)
def test_conditions_that_need_an_operator_are_blocking_reasons(machine: dict[str, Any], reason_part: str) -> None:
    assert any(
        reason_part in reason for reason in evaluate(machine, now=NOW, consistency_age=1800, tested=True).blocked
    )
