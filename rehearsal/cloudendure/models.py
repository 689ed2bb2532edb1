"""Records of source machines, their replication and their blueprints, and the rules for changes of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rehearsal.cloudendure.exceptions import ApiError
from rehearsal.cloudendure.requests import read_fields, read_strings
from rehearsal.cloudendure.responses import Json, format_date, generate_id, now
from rehearsal.settings import REGION

STEPS = (
    "WAITING_TO_INITIATE_REPLICATION",
    "CREATING_FIREWALL_RULES",
    "CREATING_REPLICATION_SERVER",
    "BOOTING_REPLICATION_SERVER",
    "RESOLVING_MANAGEMENT_SERVER_ADDRESS",
    "AUTHENTICATING_WITH_MANAGEMENT_SERVER",
    "DOWNLOADING_REPLICATION_SOFTWARE",
    "CREATING_REPLICATION_DISKS",
    "ATTACHING_REPLICATION_DISKS",
    "PAIRING_REPLICATION_SERVER_WITH_AGENT",
    "ESTABLISHING_AGENT_REPLICATOR_COMMUNICATION",
)
"""Initiation of replication, in this order."""
LAUNCH_TIMES = {"lastTestLaunchDateTime", "lastCutoverDateTime"}
PATCHABLE: dict[str, type] = {
    "id": str,
    "sourceProperties": dict,
    "replicationStatus": str,
    "replicationInfo": dict,
    "replicationConfiguration": dict,
    "lifeCycle": dict,
    "replica": str,
    "isAgentInstalled": bool,
    "license": dict,
    "tags": list,
}


def build_machine(properties: Json, licence: str) -> Json:
    """Return the record of a new machine.

    `properties`: name, machineCloudId, os, publicIps, disks [{name, size}], as the agent sent them.
    """
    disks = [{"name": disk["name"], "size": disk["size"], "isProtected": True} for disk in properties["disks"]]
    return {
        "id": generate_id(),
        "sourceProperties": {**properties, "disks": disks},
        "replicationStatus": "STARTED",
        "replicationInfo": empty_info(sum(disk["size"] for disk in disks)),
        "lifeCycle": {"agentInstallationDateTime": format_date(now())},
        "replica": "",
        "isAgentInstalled": True,
        "license": {"licenseId": licence, "startOfUseDateTime": format_date(now())},
    }


def empty_info(total: int) -> Json:
    """Return the replication info of a machine of which nothing is replicated.

    It has no lastConsistencyDateTime, by which clients know that the initial sync goes on.
    """
    return {
        "totalStorageBytes": total,
        "replicatedStorageBytes": 0,
        "rescannedStorageBytes": 0,
        "backloggedStorageBytes": 0,
        "initiationStates": {"items": []},
    }


def build_initiation() -> Json:
    """Return the record of an initiation that has not begun."""
    return {
        "startDateTime": format_date(now()),
        "steps": [{"name": name, "status": "NOT_STARTED", "message": ""} for name in STEPS],
    }


def build_blueprint(machine: Json) -> Json:
    """Return what the console fills in when a machine registers; most of it is for the user to decide."""
    return {
        "id": generate_id(),
        "machineId": machine["id"],
        "machineName": machine["sourceProperties"]["name"],
        "region": REGION,
        "instanceType": "COPY_ORIGIN",
        "recommendedInstanceType": "",
        "tenancy": "SHARED",
        "dedicatedHostIdentifier": "",
        "byolOnDedicatedInstance": False,
        "subnetIDs": [],
        "networkInterface": "",
        "securityGroupAction": "FROM_POLICY",
        "securityGroupIDs": [],
        "privateIPAction": "CREATE_NEW",
        "privateIPs": [],
        "recommendedPrivateIP": "",
        "publicIPAction": "AS_SUBNET",
        "staticIpAction": "DONT_CREATE",
        "staticIp": "",
        "iamRole": "",
        "placementGroup": "",
        "runAfterLaunch": True,
        "tags": [],
        "disks": [{"name": disk["name"], "type": "SSD", "iops": 0} for disk in machine["sourceProperties"]["disks"]],
    }


def patch(machine: Json, body: object) -> Json:
    """Write a machine's tags and the times of its launches, which is all that the API takes; the rest of a machine sent back whole is left.

    Raises ApiError 422.
    """
    wanted = read_fields(body, required={}, optional=PATCHABLE)
    times = {key: value for key, value in wanted.get("lifeCycle", {}).items() if key in LAUNCH_TIMES}
    for key, value in times.items():
        try:
            datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise ApiError(422, f"lifeCycle.{key}: must be a date and time") from None
    tags = {"tags": read_strings(wanted, "tags")} if "tags" in wanted else {}
    machine["lifeCycle"].update(times)
    machine.update(tags)
    return machine


def find(state: Json, collection: str, id_: str) -> Any:
    """Return one record. Raises ApiError 404."""
    record = state[collection].get(id_)
    if record is None:
        raise ApiError(404, f"{collection}: {id_} does not exist")
    return record


def is_busy(state: Json, machine: str) -> bool:
    """Return whether a job works on the machine: there can be one at a time."""
    return any(
        machine in job["participatingMachines"] and job["status"] in ("PENDING", "STARTED")
        for job in state["jobs"].values()
    )


def is_connected(machine: Json, timeout: float) -> bool:
    """Return whether the agent sent a heartbeat within `timeout` seconds."""
    seen = machine["replicationInfo"].get("lastSeenDateTime")
    return seen is not None and (now() - datetime.fromisoformat(seen)).total_seconds() <= timeout
