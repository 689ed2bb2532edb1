"""Launches, jobs and the machines that were launched (replicas)."""

from __future__ import annotations

import copy
from functools import partial

from rehearsal.cloudendure.api.calls import OF_TODAY, Api, Call
from rehearsal.cloudendure.console import Console
from rehearsal.cloudendure.exceptions import ApiError
from rehearsal.cloudendure.listing import cut_page
from rehearsal.cloudendure.models import find
from rehearsal.cloudendure.requests import read_fields, read_strings
from rehearsal.cloudendure.responses import Json

Response = tuple[Json | None, int]
KINDS = {"TEST": "TEST_LAUNCH", "CUTOVER": "CUTOVER_LAUNCH"}


def register(api: Api, console: Console) -> None:
    """Add the calls that launch machines."""
    store = console.store

    @api.call("POST", "/launchMachines", prefixes=OF_TODAY)
    def launch_machines(call: Call) -> Response:
        order = read_fields(call.body, required={"items": list, "launchType": str})
        if order["launchType"] not in KINDS:
            raise ApiError(422, f"launchType: must be one of {', '.join(KINDS)}")
        return _launch(console, call, KINDS[order["launchType"]], order["items"]), 202

    def perform(call: Call, kind: str) -> Response:
        return _launch(console, call, kind, read_fields(call.body, required={"items": list})["items"]), 202

    for path, kind in (("/performTest", "TEST_LAUNCH"), ("/performCutover", "CUTOVER_LAUNCH")):
        for method in ("POST", "PUT"):
            api.call(method, path)(partial(perform, kind=kind))

    @api.call("GET", "/jobs")
    def list_jobs(call: Call) -> Response:
        with store.read() as state:
            return copy.deepcopy(cut_page(list(state["jobs"].values()), call.query)), 200

    @api.call("GET", "/jobs/<job>")
    def get_job(call: Call, job: str) -> Response:  # noqa: ARG001
        with store.read() as state:
            return copy.deepcopy(find(state, "jobs", job)), 200

    @api.call("GET", "/replicas/<replica>")
    def get_replica(call: Call, replica: str) -> Response:  # noqa: ARG001
        with store.read() as state:
            record = dict(find(state, "replicas", replica))
        instance = console.cloud.find_instance(record["machineCloudId"])
        record["machineCloudState"] = (instance.state if instance else "terminated").upper()
        record["publicIps"] = list(instance.public_ips) if instance else []
        return record, 200

    @api.call("DELETE", "/replicas")
    def delete_replicas(call: Call) -> Response:
        wanted = read_strings(read_fields(call.body, required={"replicaIDs": list}), "replicaIDs")
        if not wanted:
            raise ApiError(422, "replicaIDs: must not be empty")
        with store.read() as state:
            machines = [find(state, "replicas", id_)["machine"] for id_ in wanted]
        work = partial(console.launcher.clean_up, replicas=wanted)
        return console.jobs.start("CLEANUP", machines, call.username, work), 202


def _launch(console: Console, call: Call, kind: str, items: list[object]) -> Json:
    """Start a job. Raises ApiError 402, 404 (machine, point in time), 409, 422."""
    if not items:
        raise ApiError(422, "items: must not be empty")
    points: dict[str, str] = {}
    for item in items:
        wanted = read_fields(item, required={"machineId": str}, optional={"pointInTimeId": str})
        points[wanted["machineId"]] = wanted.get("pointInTimeId", "")
    if console.faults.find_machine_fault("no-licence"):
        raise ApiError(402, "The licence of the account has expired")
    with console.store.read() as state:
        for machine, point in points.items():
            find(state, "machines", machine)
            known = {p["id"] for p in state["replication"].get(machine, {}).get("points", [])}
            if point and point not in known:
                raise ApiError(404, f"pointsintime: {point} does not exist")
    work = partial(console.launcher.launch, kind=kind, points=points)
    return console.jobs.start(kind, list(points), call.username, work)
