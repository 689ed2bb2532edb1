"""A launch job: fresh point in time, conversion, image, instance, boot; and the clean-up of what a launch made."""

from __future__ import annotations

from rehearsal.cloudendure.blueprints import build_target
from rehearsal.cloudendure.config import ConsoleSettings
from rehearsal.cloudendure.faults import LAUNCH_FAILURE, Faults
from rehearsal.cloudendure.latency import choose_service_times
from rehearsal.cloudendure.launch.conversion import CONVERSION, SCRIPTS
from rehearsal.cloudendure.launch.jobs import Job, JobFailed
from rehearsal.cloudendure.launch.launched import Launches
from rehearsal.cloudendure.replication.manager import Replication
from rehearsal.cloudendure.responses import Json, format_date, generate_id, now
from rehearsal.cloudendure.store import Store
from rehearsal.replication_engine.cloud import Cloud
from rehearsal.replication_engine.conversion import Pending
from rehearsal.replication_engine.launch import make_image
from rehearsal.settings import REGION

SYNC_TIMEOUT = 300.0
"""Seconds that a launch waits for a point in time not older than itself, before it takes the latest one."""
STAMP = {"TEST_LAUNCH": "lastTestLaunchDateTime", "CUTOVER_LAUNCH": "lastCutoverDateTime"}


class Launcher:
    """Launches machines from points in time."""

    def __init__(
        self,
        settings: ConsoleSettings,
        *,
        store: Store,
        faults: Faults,
        cloud: Cloud,
        replication: Replication,
        launches: Launches,
    ) -> None:
        self._settings, self._store, self._faults = settings, store, faults
        self._cloud, self._replication, self._launches = cloud, replication, launches
        self._times = choose_service_times(settings.latency)

    def launch(self, job: Job, kind: str, points: dict[str, str]) -> None:
        """Launch machines. `points`: machine id -> id of the point in time, empty for the latest. Raises JobFailed and CloudError."""
        for machine, point in points.items():
            self._launch_one(job, kind, machine, point)

    def clean_up(self, job: Job, replicas: list[str]) -> None:
        """Terminate launched machines."""
        for replica in replicas:
            with self._store.read() as state:
                name = state["replicas"][replica]["name"]
            job.log(f"Cleaning up target machine {name}")
            job.pause(self._times.cleanup)
            self._remove_target(replica)
            job.log(f"Target machine {name} was removed")

    def _launch_one(self, job: Job, kind: str, machine: str, wanted: str) -> None:
        with self._store.read() as state:
            name = state["machines"][machine]["sourceProperties"]["name"]
            previous = state["machines"][machine]["replica"]
        job.log(f"Starting to launch target machine for {name}")
        if slow := self._faults.find_machine_fault("slow-job", name):
            job.pause(slow.seconds)
        point = self._choose_point(job, machine, name, wanted)
        if failure := self._faults.find_machine_fault("launch-fails", name):
            raise JobFailed(failure.message or LAUNCH_FAILURE)
        with self._store.read() as state:
            target = build_target(state, machine, self._cloud)
            run_after_launch = _find_blueprint(state, machine)["runAfterLaunch"]
        if previous:
            job.log(f"Deleting the previous target machine of {name}")
            self._remove_target(previous)
        scripts = run_after_launch and not self._faults.find_machine_fault("no-scripts", name)
        launch, token = self._launches.expect(job.id, machine, run_scripts=scripts)
        image = self._make_image(job, machine, name, point["id"], token)
        try:
            job.log(
                f"Launching target machine for {name} ({target.instance_type}, subnet {target.subnet or 'default'})"
            )
            instance = self._cloud.run(image, target)
            self._launches.record_start(launch, instance)
            self._record(job, machine, name, instance, point)
            self._await_boot(job, name, launch, instance)
            job.pause(self._times.launch)
        finally:
            self._cloud.drop_image(image)
        if not run_after_launch:
            self._cloud.stop(instance)
            self._launches.release(launch)
            job.log(f"Target machine for {name} was stopped, as its blueprint requires")
        with self._store.edit() as state:
            if machine in state["machines"]:
                state["machines"][machine]["lifeCycle"][STAMP[kind]] = format_date(now())
        job.log(f"Finished launching target machine for {name}: {instance}")

    def _choose_point(self, job: Job, machine: str, name: str, wanted: str) -> Json:
        job.log(f"Taking a snapshot of {name}")
        job.pause(self._times.snapshot)
        if not self._list_points(machine):  # the initial sync goes on, or never began: nothing to wait for in a job
            raise JobFailed(f"Failed launching target machine for {name}: no consistent point in time is available")
        if not wanted and not self._replication.sync(machine, SYNC_TIMEOUT):
            job.log(f"No newer point in time of {name} could be taken: using the latest consistent one")
        points = self._list_points(machine)
        found = next((point for point in points if point["id"] == wanted), None) if wanted else points[-1]
        if found is None:
            raise JobFailed(f"Failed launching target machine for {name}: point in time {wanted} is not kept any more")
        job.log(f"Using point in time {found['dateTime']} of {name}")
        return dict(found)

    def _list_points(self, machine: str) -> list[Json]:
        with self._store.read() as state:
            return list(state["replication"].get(machine, {}).get("points", []))

    def _make_image(self, job: Job, machine: str, name: str, point: str, token: str) -> str:
        job.log(f"Started conversion of {name}")
        image = make_image(
            self._cloud,
            self._replication.get_replica(machine),
            point,
            name=f"CloudEndure {name} {now():%Y%m%d-%H%M%S.%f}",
            conversion=CONVERSION,
            pending=Pending(f"{self._settings.world.console_url}/agent/v1/launched", token, SCRIPTS),
            mount=self._settings.folder / "conversion" / job.id,
            converted=lambda: job.pause(self._times.conversion),
        )
        job.log(f"Finished conversion of {name}")
        return image

    def _record(self, job: Job, machine: str, name: str, instance: str, point: Json) -> None:
        found = self._cloud.find_instance(instance)
        replica = {
            "id": generate_id(),
            "machine": machine,
            "machineCloudId": instance,
            "machineCloudState": (found.state if found else "pending").upper(),
            "name": name,
            "regionId": REGION,
            "publicIps": list(found.public_ips) if found else [],
            "pointInTime": point["id"],
            "jobId": job.id,
        }
        with self._store.edit() as state:
            state["replicas"][replica["id"]] = replica
            if machine in state["machines"]:
                state["machines"][machine]["replica"] = replica["id"]

    def _await_boot(self, job: Job, name: str, launch: str, instance: str) -> None:
        if not self._launches.wait(launch, "booted", self._settings.boot_timeout):
            seconds = self._settings.boot_timeout
            raise JobFailed(
                f"Failed launching target machine for {name}: {instance} did not boot within {seconds:.0f} s"
            )
        job.log(f"Target machine {instance} of {name} has booted")

    def _remove_target(self, replica: str) -> None:
        """Terminate the instance first: without its record a machine that still runs would be hidden."""
        with self._store.read() as state:
            record = dict(state["replicas"][replica])
        self._cloud.terminate(record["machineCloudId"])
        with self._store.edit() as state:
            state["replicas"].pop(replica, None)
            if state["machines"].get(record["machine"], {}).get("replica") == replica:
                state["machines"][record["machine"]]["replica"] = ""


def _find_blueprint(state: Json, machine: str) -> Json:
    found: Json = next(b for b in state["blueprints"].values() if b["machineId"] == machine)
    return found
