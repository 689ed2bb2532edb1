"""Save and restore the disk of each machine that runs at the checkpoint, and terminate newer machines."""

from __future__ import annotations

from typing import Any

from rehearsal.checkpoint.context import CheckpointContext, Json, wait_until
from rehearsal.errors import RehearsalError
from rehearsal.world import enter

END_SECONDS = 30.0
GROUP_TAG = "aws:autoscaling:groupName"
DATABASES = ("source-database", "rds")
_ALIVE = ["pending", "running", "stopping", "stopped"]


def save(context: CheckpointContext, machines: list[str]) -> None:
    """Copy the disks consistently. Raises RehearsalError for a machine that does not run."""
    folder = context.folder / "disks"
    folder.mkdir(exist_ok=True)
    context.send_command("disks/save", folder=str(folder), machines=machines)


def cut_power(context: CheckpointContext, machines: list[str]) -> None:
    """Kill these machines."""
    context.send_command("machines/cut-power", machines=machines)


def put_back(context: CheckpointContext, machines: list[str]) -> None:
    """Boot these machines from their saved disks. Return when they have booted."""
    context.send_command("machines/put-back", folder=str(context.folder / "disks"), machines=machines)


def list_running(context: CheckpointContext) -> list[str]:
    """Return all machines. Raises RehearsalError when one of them does not run: it could not be restored."""
    found = enter.list_machines(context.settings)
    if resting := [machine.id for machine in found if machine.state != "running"]:
        raise RehearsalError(f"{', '.join(resting)} does not run: a checkpoint is taken of a world at work.")
    return [machine.id for machine in found]


def select_databases(context: CheckpointContext, machines: list[str]) -> list[str]:
    """Return the machines with a database. Restore these first: the others need the database when they boot."""
    everybody = enter.list_machines(context.settings)
    return [one.id for one in everybody if one.id in machines and any(map(one.has_role, DATABASES))]


def list_images(context: CheckpointContext) -> Json:
    """Return the ids of the account's own images and snapshots."""
    ec2 = context.make_client("ec2")
    return {
        "images": [one["ImageId"] for one in ec2.describe_images(Owners=["self"])["Images"]],
        "snapshots": [one["SnapshotId"] for one in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]],
    }


def terminate_later(context: CheckpointContext, machines: list[str]) -> None:
    """Terminate instances that are not among `machines` and belong to no group. Return when they are terminated."""
    ec2 = context.make_client("ec2")
    later = [i["InstanceId"] for i in _list_instances(ec2) if i["InstanceId"] not in machines and not _is_in_group(i)]
    if not later:
        return
    ec2.terminate_instances(InstanceIds=later)
    wait_until(
        lambda: ", ".join(one["InstanceId"] for one in _list_instances(ec2) if one["InstanceId"] in later),
        "the end of what was launched after the checkpoint",
        END_SECONDS,
    )


def delete_later_images(context: CheckpointContext, saved: Json) -> None:
    """Delete images and snapshots that were made after the checkpoint."""
    ec2, now = context.make_client("ec2"), list_images(context)
    for image in set(now["images"]) - set(saved["images"]):
        ec2.deregister_image(ImageId=image)
    for snapshot in set(now["snapshots"]) - set(saved["snapshots"]):
        ec2.delete_snapshot(SnapshotId=snapshot)


def _list_instances(ec2: Any) -> list[Json]:
    """Return the instances that are alive or about to end."""
    states = [{"Name": "instance-state-name", "Values": [*_ALIVE, "shutting-down"]}]
    pages = ec2.get_paginator("describe_instances").paginate(Filters=states)
    return [one for page in pages for reservation in page["Reservations"] for one in reservation["Instances"]]


def _is_in_group(instance: Json) -> bool:
    return any(tag["Key"] == GROUP_TAG for tag in instance.get("Tags", []))
