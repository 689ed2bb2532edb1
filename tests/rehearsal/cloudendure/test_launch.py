"""A launch creates a machine from a point in time. The cloud is a fake; disks, conversion and job are real."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rehearsal.cloudendure.launch.conversion import CONVERSION
from rehearsal.replication_engine.cloud import Target
from rehearsal.replication_engine.conversion import WANTED
from rehearsal.world import disks
from tests.rehearsal.cloudendure.conftest import Bench
from tests.unit.cloudendure.fakes import FakeCloud

pytestmark = pytest.mark.rehearsal


class Booting(FakeCloud):
    """A cloud that inspects the image's disk, and then reports to the console what the booted machine would report."""

    def __init__(self, mount: Path) -> None:
        super().__init__()
        self._mount = mount
        self.boots, self.token = True, ""
        self.seen: dict[str, object] = {}
        self.responses: list[dict[str, Any]] = []
        self.report: Callable[[str, dict[str, Any]], dict[str, Any]] | None = None

    def make_image(self, name: str, disk: Path) -> str:
        disks.mount(disk, self._mount)
        try:
            pending = CONVERSION.folder / "pending.json"
            self.seen = {
                "agent": (self._mount / CONVERSION.agent_folder).exists(),
                "unit": (self._mount / WANTED / CONVERSION.unit).is_file(),
                "late": (self._mount / "late").exists(),
                "mode": oct((self._mount / pending).stat().st_mode & 0o777),
            }
            self.token = json.loads((self._mount / pending).read_text())["token"]
        finally:
            disks.unmount(self._mount)
        return super().make_image(name, disk)

    def run(self, image: str, target: Target) -> str:
        if self.boots:
            threading.Thread(target=self._boot).start()
        return super().run(image, target)

    def _boot(self) -> None:
        assert self.report
        self.responses.append(self.report(self.token, {"event": "booted"}))


@pytest.fixture
def cloud(tmp_path: Path) -> Booting:
    return Booting(tmp_path / "image")


@pytest.fixture
def bench(bench: Bench, cloud: Booting, source: Path) -> Bench:
    """Prepare a launch: an agent on the disk, a consistent replica, and a complete blueprint."""
    agent = source / CONVERSION.agent_folder
    agent.mkdir(parents=True)
    (agent / "agent.json").write_text("{}")
    cloud.report = bench.console.launches.record_event
    bench.sync()
    blueprint = (bench.client.in_project("GET", "/blueprints").json or {})["items"][0]
    tags = [{"key": "cutover:run-id", "value": "r1"}]
    wanted = {**blueprint, "subnetIDs": ["subnet-1"], "securityGroupIDs": ["sg-1"], "iamRole": "replica", "tags": tags}
    bench.client.in_project("PATCH", f"/blueprints/{blueprint['id']}", wanted)
    return bench


def launch(bench: Bench, kind: str = "TEST") -> dict[str, Any]:
    """Launch the machine and return the finished job."""
    body = {"items": [{"machineId": bench.machine}], "launchType": kind}
    response = bench.client.in_project("POST", "/launchMachines", body)
    assert response.status_code == 202, response.text
    bench.console.jobs.wait((response.json or {})["id"], 60)
    return dict(bench.client.in_project("GET", f"/jobs/{(response.json or {})['id']}").json or {})


def read_machine(bench: Bench) -> dict[str, Any]:
    return dict(bench.client.in_project("GET", f"/machines/{bench.machine}").json or {})


def test_a_launched_machine_has_all_earlier_writes_and_no_agent(bench: Bench, cloud: Booting, source: Path) -> None:
    (source / "late").write_text("written just before the launch")

    job = launch(bench)

    assert (job["status"], job["type"]) == ("COMPLETED", "TEST_LAUNCH"), job["log"]
    assert cloud.seen == {"agent": False, "unit": True, "late": True, "mode": "0o600"}
    target = cloud.targets[0]
    assert (target.subnet, target.security_groups, target.instance_profile) == ("subnet-1", ("sg-1",), "replica")
    assert (target.instance_type, target.tags) == ("t3.medium", {"cutover:run-id": "r1"})
    assert read_machine(bench)["lifeCycle"]["lastTestLaunchDateTime"]
    assert cloud.images == [], "the launch needs the image only for a moment"


def test_a_new_launch_replaces_the_previous_replica(bench: Bench, cloud: Booting) -> None:
    launch(bench)
    first = bench.client.in_project("GET", "/replicas/" + read_machine(bench)["replica"]).json or {}

    job = launch(bench, "CUTOVER")

    second = bench.client.in_project("GET", "/replicas/" + read_machine(bench)["replica"]).json or {}
    assert first["machineCloudId"] not in cloud.instances
    assert second["machineCloudId"] in cloud.instances
    assert (second["jobId"], second["machineCloudState"]) == (job["id"], "RUNNING")
    assert read_machine(bench)["lifeCycle"]["lastCutoverDateTime"]


def test_the_cleanup_terminates_the_instance_and_deletes_the_replica(bench: Bench, cloud: Booting) -> None:
    launch(bench)
    replica = read_machine(bench)["replica"]

    job = bench.client.in_project("DELETE", "/replicas", {"replicaIDs": [replica]}).json or {}
    bench.console.jobs.wait(job["id"], 60)

    assert list(cloud.instances) == ["i-1"]
    assert read_machine(bench)["replica"] == ""
    assert bench.client.in_project("GET", f"/replicas/{replica}").status_code == 404


def test_an_injected_launch_failure_fails_the_job_and_orphans_no_resource(bench: Bench, cloud: Booting) -> None:
    bench.console.faults.inject({"kind": "launch-fails", "message": "Failed launching target machine: no capacity"})

    job = launch(bench)

    assert job["status"] == "FAILED"
    assert job["log"][-1]["message"] == "Failed launching target machine: no capacity"
    assert list(cloud.instances) == ["i-1"]
    assert launch(bench)["status"] == "COMPLETED"


def test_a_machine_that_does_not_boot_fails_the_job(bench: Bench, cloud: Booting) -> None:
    cloud.boots = False

    job = launch(bench)

    assert job["status"] == "FAILED"
    assert "did not boot within" in job["log"][-1]["message"]


@pytest.mark.parametrize(("fault", "runs"), [(None, True), ("no-scripts", False)])
def test_scripts_run_unless_a_fault_prevents_it(bench: Bench, cloud: Booting, fault: str | None, runs: bool) -> None:
    if fault:
        bench.console.faults.inject({"kind": fault})

    assert launch(bench)["status"] == "COMPLETED"

    assert cloud.responses == [{"run": runs}]


def test_a_machine_with_run_after_launch_off_is_stopped_and_runs_its_scripts_later(
    bench: Bench, cloud: Booting
) -> None:
    blueprint = (bench.client.in_project("GET", "/blueprints").json or {})["items"][0]
    bench.client.in_project("PATCH", f"/blueprints/{blueprint['id']}", {**blueprint, "runAfterLaunch": False})

    launch(bench)

    assert cloud.responses == [{"run": False}]
    assert cloud.instances["i-target-1"].state == "stopped"
    assert (bench.http.get("/_rehearsal/launches").json or {})["launches"][0]["runScripts"] is True


def test_a_blueprint_without_the_root_disk_cannot_be_launched(bench: Bench, cloud: Booting) -> None:
    blueprint = (bench.client.in_project("GET", "/blueprints").json or {})["items"][0]
    bench.client.in_project("PATCH", f"/blueprints/{blueprint['id']}", {"iamRole": "r"})

    job = launch(bench)

    assert job["status"] == "FAILED"
    assert "would have no root volume" in job["log"][-1]["message"]
    assert list(cloud.instances) == ["i-1"]


def test_an_older_point_in_time_can_be_launched(bench: Bench, cloud: Booting, source: Path) -> None:
    points = (bench.client.in_project("GET", f"/machines/{bench.machine}/pointsintime").json or {})["items"]
    (source / "late").write_text("after that point")
    bench.sync()
    body = {"items": [{"machineId": bench.machine, "pointInTimeId": points[0]["id"]}], "launchType": "TEST"}

    job = bench.client.in_project("POST", "/launchMachines", body).json or {}
    bench.console.jobs.wait(job["id"], 60)

    assert cloud.seen["late"] is False


def test_a_machine_in_initial_sync_cannot_be_launched(bench: Bench, cloud: Booting) -> None:
    bench.client.in_project("POST", "/stopReplication", {"machineIDs": [bench.machine]})

    job = launch(bench)

    assert job["status"] == "FAILED"
    assert "no consistent point in time" in job["log"][-1]["message"]
    assert cloud.targets == []
