"""Handle the requests of the agents: registration, heartbeats, removal. Their protocol is not published; this one is the rehearsal's."""

from __future__ import annotations

import hmac
import secrets

from rehearsal.cloudendure.config import ConsoleSettings
from rehearsal.cloudendure.demo import hash_secret
from rehearsal.cloudendure.exceptions import ApiError
from rehearsal.cloudendure.models import build_blueprint, build_machine, find, is_busy, is_connected
from rehearsal.cloudendure.replication.manager import Replication
from rehearsal.cloudendure.requests import read_fields, read_strings
from rehearsal.cloudendure.responses import Json, format_date, now
from rehearsal.cloudendure.store import Store


class Agents:
    """The registered agents."""

    def __init__(self, settings: ConsoleSettings, store: Store, replication: Replication) -> None:
        self._settings, self._store, self._replication = settings, store, replication

    def register(self, body: object) -> Json:
        """Make the machine known, or known again, and start its replication. Raises ApiError 401 for a wrong token, 422."""
        order = read_fields(body, required={"installationToken": str, "identity": str, "properties": dict})
        properties = read_fields(
            order["properties"],
            required={"name": str, "machineCloudId": str, "os": str, "publicIps": list, "disks": list},
            optional={"addresses": list},
        )
        addresses = read_strings({"addresses": properties.pop("addresses", [])}, "addresses")
        for disk in properties["disks"]:
            read_fields(disk, required={"name": str, "size": int})
        key = secrets.token_urlsafe(32)
        with self._store.edit() as state:
            token = state["project"]["agentInstallationToken"]
            if not hmac.compare_digest(token.encode(), order["installationToken"].encode()):
                raise ApiError(401, "The agent installation token is not valid for any project", code="invalidToken")
            machine = self._find_known(state, order["identity"], properties["machineCloudId"])
            fresh = machine is None
            if machine is None:
                machine = build_machine(properties, state["project"]["licensesIDs"][0])
                blueprint = build_blueprint(machine)
                state["machines"][machine["id"]] = machine
                state["blueprints"][blueprint["id"]] = blueprint
            machine["sourceProperties"].update({key: properties[key] for key in ("name", "os", "publicIps")})
            machine["isAgentInstalled"] = True
            machine["replicationInfo"]["lastSeenDateTime"] = format_date(now())
            state["agents"][machine["id"]] = {
                "identity": order["identity"],
                "key": hash_secret(key),
                "uninstall": False,
                "addresses": addresses,
            }
        if fresh or machine["replicationStatus"] == "STARTED":
            self._replication.start(machine["id"])
        return {"machineId": machine["id"], "key": key, "heartbeatSeconds": self._settings.heartbeat}

    def accept_heartbeat(self, machine: str, key: str) -> Json:
        """Return what the agent shall do. Raises ApiError 401 for a machine that is not known or a wrong key."""
        with self._store.read() as state:
            agent = state["agents"].get(machine)
            if agent is None or not hmac.compare_digest(agent["key"], hash_secret(key)):
                raise ApiError(401, "The console does not know this agent")
            if not agent["uninstall"]:
                record = state["machines"][machine]
                back = not is_connected(record, self._settings.agent_timeout)
                record["replicationInfo"]["lastSeenDateTime"] = format_date(now())
        if agent["uninstall"]:
            with self._store.edit() as state:
                state["agents"].pop(machine, None)
            return {"command": "uninstall"}
        if back:
            self._replication.wake(machine)
        return {"command": "none"}

    def remove(self, machines: list[str]) -> None:
        """Remove the machines from the console and let their agents uninstall themselves. Launched targets stay. Raises ApiError 404, 409."""
        with self._store.read() as state:
            for machine in machines:
                find(state, "machines", machine)
                if is_busy(state, machine):
                    raise ApiError(409, f"machine {machine} participates in a job", code="machineBusy")
        for machine in machines:
            self._replication.stop(machine)
        with self._store.edit() as state:
            for machine in machines:
                del state["machines"][machine]
                state["agents"][machine]["uninstall"] = True
                for id_ in [id_ for id_, b in state["blueprints"].items() if b["machineId"] == machine]:
                    del state["blueprints"][id_]
                state["replication"].pop(machine, None)

    @staticmethod
    def _find_known(state: Json, identity: str, instance: str) -> Json | None:
        """Return the machine that this agent, or another one on the same instance, registered before."""
        for id_, machine in state["machines"].items():
            same_agent = state["agents"].get(id_, {}).get("identity") == identity
            same_instance = instance and machine["sourceProperties"]["machineCloudId"] == instance
            if same_instance or (same_agent and machine["sourceProperties"]["machineCloudId"] == instance):
                known: Json = machine
                return known
        return None
