"""Handle the calls about projects, source machines, their points in time and the control of their replication."""

from __future__ import annotations

import copy
from collections.abc import Callable

from rehearsal.cloudendure.api.calls import Api, Call
from rehearsal.cloudendure.console import Console
from rehearsal.cloudendure.listing import cut_page
from rehearsal.cloudendure.models import find, patch
from rehearsal.cloudendure.requests import read_fields, read_strings
from rehearsal.cloudendure.responses import Json

Response = tuple[Json | None, int]


def register(api: Api, console: Console) -> None:
    """Add the calls about source machines and their replication."""
    store, replication = console.store, console.replication

    @api.call("GET", "/projects")
    def list_projects(call: Call) -> Response:
        with store.read() as state:
            return cut_page([copy.deepcopy(state["project"])], call.query), 200

    @api.call("GET", "/projects/<project>")
    def get_project(call: Call) -> Response:  # noqa: ARG001
        with store.read() as state:
            return copy.deepcopy(state["project"]), 200

    @api.call("GET", "/machines")
    def list_machines(call: Call) -> Response:
        every = call.query.get("all", "false").lower() == "true"
        with store.read() as state:
            found = [m for m in state["machines"].values() if every or m["replicationStatus"] != "STOPPED"]
            return copy.deepcopy(cut_page(found, call.query)), 200

    @api.call("GET", "/machines/<machine>")
    def get_machine(call: Call, machine: str) -> Response:  # noqa: ARG001
        with store.read() as state:
            return copy.deepcopy(find(state, "machines", machine)), 200

    @api.call("PATCH", "/machines/<machine>")
    def patch_machine(call: Call, machine: str) -> Response:
        with store.edit() as state:
            return copy.deepcopy(patch(find(state, "machines", machine), call.body)), 200

    @api.call("DELETE", "/machines/<machine>")
    def delete_machine(call: Call, machine: str) -> Response:  # noqa: ARG001
        with store.read() as state:
            find(state, "machines", machine)
        console.agents.remove([machine])
        return None, 204

    @api.call("DELETE", "/machines")
    def delete_machines(call: Call) -> Response:
        console.agents.remove(read_strings(read_fields(call.body, required={"machineIDs": list}), "machineIDs"))
        return None, 204

    @api.call("GET", "/machines/<machine>/pointsintime")
    def list_points_in_time(call: Call, machine: str) -> Response:
        with store.read() as state:
            find(state, "machines", machine)
            points = state["replication"].get(machine, {}).get("points", [])
            return cut_page([{"id": p["id"], "dateTime": p["dateTime"]} for p in points], call.query), 200

    def control_machines(action: Callable[[str], None], allowed: tuple[str, ...], call: Call) -> Response:
        wanted = read_strings(read_fields(call.body, required={"machineIDs": list}), "machineIDs")
        with store.read() as state:
            status = {id_: state["machines"].get(id_, {}).get("replicationStatus") for id_ in wanted}
        valid = [id_ for id_ in wanted if status[id_] in allowed]
        for id_ in valid:
            action(id_)
        with store.read() as state:
            items = [copy.deepcopy(state["machines"][id_]) for id_ in valid]
        return {"items": items, "invalidMachineIDs": [id_ for id_ in wanted if id_ not in valid]}, 200

    @api.call("POST", "/startReplication")
    def start_replication(call: Call) -> Response:
        return control_machines(replication.start, ("STOPPED", "PAUSED", "STARTED"), call)

    @api.call("POST", "/pauseReplication")
    def pause_replication(call: Call) -> Response:
        return control_machines(replication.pause, ("STARTED", "PAUSED"), call)

    @api.call("POST", "/stopReplication")
    def stop_replication(call: Call) -> Response:
        return control_machines(replication.stop, ("STARTED", "PAUSED", "STOPPED"), call)
