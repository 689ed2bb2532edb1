"""What is not the published API: the agent's calls, its installer, and the rehearsal's own view and control."""

from __future__ import annotations

import copy
from pathlib import Path

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue

from rehearsal.cloudendure.api.calls import read_body
from rehearsal.cloudendure.console import Console
from rehearsal.cloudendure.exceptions import ApiError
from rehearsal.cloudendure.requests import read_fields
from rehearsal.replication_engine.installers import build_installer

INSTALLER = Path(__file__).parents[1] / "agent" / "installer_linux.py"


def register(app: Flask, console: Console) -> None:
    """Add the calls of agents, of launched machines and of the rehearsal's own tools."""
    _register_agent(app, console)
    _register_rehearsal(app, console)


def _register_agent(app: Flask, console: Console) -> None:
    @app.get("/installer_linux.py")
    def get_installer() -> Response:
        text = build_installer(INSTALLER).replace("@CONSOLE@", request.host_url.rstrip("/"), 1)
        return Response(text, mimetype="text/x-python")

    @app.post("/agent/v1/register")
    def register_agent() -> ResponseReturnValue:
        return console.agents.register(read_body()), 201

    @app.post("/agent/v1/heartbeat")
    def receive_heartbeat() -> ResponseReturnValue:
        order = read_fields(read_body(), required={"machineId": str})
        return console.agents.accept_heartbeat(order["machineId"], _read_bearer())

    @app.post("/agent/v1/launched")
    def receive_launch_event() -> ResponseReturnValue:
        return console.launches.record_event(_read_bearer(), read_body())


def _register_rehearsal(app: Flask, console: Console) -> None:
    @app.get("/_rehearsal/health")
    def check_health() -> ResponseReturnValue:
        return {"status": "ok"}

    @app.get("/_rehearsal/replication")
    def list_replication() -> ResponseReturnValue:
        with console.store.read() as state:
            machines = [
                {
                    "machine": id_,
                    "name": machine["sourceProperties"]["name"],
                    "instance": machine["sourceProperties"]["machineCloudId"],
                    "status": machine["replicationStatus"],
                    "info": copy.deepcopy(machine["replicationInfo"]),
                    **copy.deepcopy(state["replication"].get(id_, {})),
                }
                for id_, machine in state["machines"].items()
            ]
        return jsonify({"machines": machines})

    @app.get("/_rehearsal/launches")
    def list_launches() -> ResponseReturnValue:
        return jsonify({"launches": console.launches.list()})

    @app.get("/_rehearsal/faults")
    def list_faults() -> ResponseReturnValue:
        return jsonify({"faults": console.faults.list()})

    @app.post("/_rehearsal/faults")
    def inject_fault() -> ResponseReturnValue:
        fault = console.faults.inject(read_body())
        if fault["kind"] == "forget-sessions":
            fault["sessions"] = console.sessions.close_all()
            console.faults.clear(fault["id"])
        return fault, 201

    @app.delete("/_rehearsal/faults")
    def clear_faults() -> ResponseReturnValue:
        console.faults.clear()
        return "", 204

    @app.delete("/_rehearsal/faults/<int:fault>")
    def clear_fault(fault: int) -> ResponseReturnValue:
        console.faults.clear(fault)
        return "", 204


def _read_bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not token:
        raise ApiError(401, "A bearer token is required")
    return token
