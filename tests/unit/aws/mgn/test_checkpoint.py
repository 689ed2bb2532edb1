"""The records of MGN in a checkpoint. The disks: tests/rehearsal/mgn/test_blocks.py."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rehearsal.aws.mgn import checkpoint
from rehearsal.aws.mgn.checkpoint import LONG_AGO, Checkpoint
from rehearsal.aws.mgn.jobs import Jobs, LaunchFailed, Progress
from rehearsal.aws.mgn.models import Job, Launched, SourceServer, Template
from rehearsal.aws.mgn.state import State
from rehearsal.aws.mgn.timers import Timers
from rehearsal.errors import RehearsalError
from rehearsal.replication_engine.dates import now
from tests.waiting import wait_until


class Stores:
    """The stores of EC2."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {"launch_templates": {}, "tags": {}}

    def get_records(self, service: str, store: str) -> dict[str, Any]:
        assert service == "ec2"
        return self.kept[store]

    def put_record(self, service: str, store: str, key: str, record: Any) -> None:
        self.get_records(service, store)[key] = record

    def remove_record(self, service: str, store: str, key: str) -> None:
        self.get_records(service, store).pop(key, None)


class Engine:
    """Ends in time, or not."""

    ends = True

    def end(self) -> bool:
        return self.ends


class Service:
    """MGN without its API. `replicated` are the ids of the servers whose replication was started."""

    def __init__(self, folder: Path) -> None:
        self.stores, self.state, self.timers, self.engine = Stores(), State(), Timers(), Engine()
        self.jobs = Jobs(self.state)
        self.replicated: list[str] = []
        self.folder = folder
        self.checkpoint = Checkpoint(
            self.stores,  # type: ignore[arg-type]  # three methods of the registry
            self.state,
            engine=self.engine,  # type: ignore[arg-type]  # one method of the engine
            jobs=self.jobs,
            timers=self.timers,
            replicate=lambda server: self.replicated.append(server.id),
            is_away=lambda server: server.seen == LONG_AGO,
            replicas=folder / "replicas",
        )

    def add(self, id_: str) -> SourceServer:
        """Add a source server that is replicated, with two versions of its launch template."""
        server = SourceServer(
            id=id_,
            identity=f"mac-{id_}",
            agent_key="digest",
            properties={"identificationHints": {"hostname": f"host-{id_}"}},
            tags={"Name": "git"},
            user_provided_id="",
            replication_configuration={},
            launch_configuration={},
            launch_template_id=f"lt-{id_}",
            state="READY_FOR_TEST",
        )
        server.record.update(phase="continuous", lastConsistent="2026-01-01T00:00:00.000000+00:00")
        self.state.servers[id_] = server
        tags = [{"Key": "AWSApplicationMigrationServiceManaged", "Value": "mgn.amazonaws.com"}]
        versions: list[dict[str, Any]] = [{"VersionNumber": number, "LaunchTemplateData": {}} for number in (1, 2)]
        template = {"LaunchTemplateId": f"lt-{id_}", "DefaultVersionNumber": 2, "Versions": versions, "Tags": tags}
        self.stores.kept["launch_templates"][f"lt-{id_}"] = template
        self.stores.kept["tags"][f"lt-{id_}"] = tags
        return server

    def start_job(self, work: Any) -> Job:
        with self.state.lock:
            return self.jobs.start("START_TEST", ["s-1"], {}, work)

    def save(self) -> None:
        self.checkpoint.save(str(self.folder))

    def put_back(self) -> None:
        self.checkpoint.put_back(str(self.folder))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    made.add("s-1")
    yield made
    made.timers.cancel()
    made.jobs.end()


def test_a_reset_restores_servers_jobs_and_templates_whatever_a_migration_did(service: Service) -> None:
    service.state.initialized = True
    service.state.replication_templates["rct-1"] = Template("rct-1", "replication-configuration-template", {"a": 1}, {})
    tested = service.start_job(lambda progress: progress.log("LAUNCH_END", "s-1", targetInstanceID="i-1"))
    wait_until(lambda: not tested.is_active)
    server = service.state.servers["s-1"]
    server.last_test.initiated = (now(), tested.id)
    before = copy.deepcopy(vars(server))
    service.save()

    # When a cutover is finalized, its launch template and records are removed, and another server registers
    server.state, server.replication, server.must_uninstall = "CUTOVER", "DISCONNECTED", True
    server.launched = Launched("i-2", "mgnjob-2")
    server.record.clear()
    service.stores.kept["launch_templates"].clear()
    service.stores.kept["tags"].clear()
    service.add("s-2")
    service.state.jobs.clear()
    service.state.replication_templates.clear()
    service.state.initialized = False
    service.put_back()

    # Then everything is as before, and the agent is away until its machine has booted
    assert vars(service.state.servers["s-1"]) == {**before, "seen": LONG_AGO}
    assert service.state.servers.keys() == {"s-1"}
    assert service.state.jobs == {tested.id: tested}
    assert [item.event for item in service.state.jobs[tested.id].log] == ["JOB_START", "LAUNCH_END", "JOB_END"]
    assert service.state.replication_templates["rct-1"].values == {"a": 1}
    assert service.state.initialized
    assert service.replicated == ["s-1"]


def test_a_reset_restores_the_versions_of_a_launch_template(service: Service) -> None:
    service.save()
    kept = service.stores.kept["launch_templates"]
    kept["lt-s-1"]["Versions"].append({"VersionNumber": 3, "LaunchTemplateData": {"InstanceType": "c5.large"}})
    kept["lt-s-1"]["DefaultVersionNumber"] = 3
    service.add("s-2")
    service.put_back()
    assert kept.keys() == {"lt-s-1"}
    assert (kept["lt-s-1"]["DefaultVersionNumber"], len(kept["lt-s-1"]["Versions"])) == (2, 2)
    assert service.stores.kept["tags"]["lt-s-1"][0]["Value"] == "mgn.amazonaws.com"


def test_a_server_whose_replication_is_paused_stays_paused(service: Service) -> None:
    server = service.state.servers["s-1"]
    server.replication = "PAUSED"
    service.save()
    server.replication = "STARTED"
    service.put_back()
    assert [one.replication for one in service.state.servers.values()] == ["PAUSED"]
    assert service.replicated == []


def test_a_checkpoint_is_refused_during_a_job(service: Service) -> None:
    ended = threading.Event()
    job = service.start_job(lambda _: ended.wait(20))
    with pytest.raises(RehearsalError, match=f"job {job.id} is under way"):
        service.save()
    ended.set()
    wait_until(lambda: not job.is_active)
    service.save()


def test_a_checkpoint_is_refused_before_resources_are_removed(service: Service) -> None:
    service.timers.schedule(3600, lambda: None)
    with pytest.raises(RehearsalError, match="about to remove the resources"):
        service.save()
    service.checkpoint.halt()
    service.save()


def test_a_checkpoint_is_refused_during_the_initial_sync(service: Service) -> None:
    service.state.servers["s-1"].record["phase"] = "initial"
    with pytest.raises(RehearsalError, match="initial sync goes on"):
        service.save()


def test_a_reset_ends_a_job_that_waits_and_the_next_job_runs(service: Service) -> None:
    failed: list[LaunchFailed] = []

    def wait(progress: Progress) -> None:
        try:
            progress.pause(3600)
        except LaunchFailed as error:
            failed.append(error)

    job = service.start_job(wait)
    wait_until(lambda: job.status == "STARTED")
    service.checkpoint.halt()
    assert [one.event for one in failed] == ["JOB_CANCEL"]
    next_job = service.start_job(lambda progress: progress.pause(0))
    wait_until(lambda: not next_job.is_active)
    assert [item.event for item in next_job.log] == ["JOB_START", "JOB_END"]


def test_a_reset_names_the_job_that_does_not_end(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "END_SECONDS", 0.05)
    ended = threading.Event()
    job = service.start_job(lambda _: ended.wait(20))
    with pytest.raises(RehearsalError, match=f"job {job.id} of MGN did not end"):
        service.checkpoint.halt()
    ended.set()
    wait_until(lambda: not job.is_active)
    service.checkpoint.halt()


def test_a_reset_is_refused_while_blocks_are_still_copied(service: Service) -> None:
    service.engine.ends = False
    with pytest.raises(RehearsalError, match="replication of MGN did not end"):
        service.checkpoint.halt()


def test_the_state_of_the_replication_names_what_is_missing(service: Service) -> None:
    server = service.state.servers["s-1"]
    assert service.checkpoint.describe_replication()["servers"] == [
        {
            "name": "host-s-1",
            "replication": "STARTED",
            "problem": "",
            "lastConsistent": "2026-01-01T00:00:00.000000+00:00",
            "left": {},
        }
    ]
    server.record["backloggedBytes"], server.seen = 4096, LONG_AGO
    (described,) = service.checkpoint.describe_replication()["servers"]
    assert (described["problem"], described["left"]) == ("its agent is away", {"backloggedBytes": 4096})
    assert not server.is_stalled  # nobody is told by an event
