"""Machines: the disk of each one that runs at the checkpoint, and the end of those that came later."""

from __future__ import annotations

from typing import Any

from rehearsal.checkpoint.scene import Json, Scene, until
from rehearsal.errors import RehearsalError
from rehearsal.world import enter

END_SECONDS = 30.0
GROUP_TAG = "aws:autoscaling:groupName"
DATABASES = ("source-database", "rds")
_ALIVE = ["pending", "running", "stopping", "stopped"]


def save(scene: Scene, machines: list[str]) -> None:
    """Consistent copies of their disks. Raises RehearsalError for one that does not run."""
    folder = scene.folder / "disks"
    folder.mkdir(exist_ok=True)
    scene.order("disks/save", folder=str(folder), machines=machines)


def cut_power(scene: Scene, machines: list[str]) -> None:
    scene.order("machines/cut-power", machines=machines)


def put_back(scene: Scene, machines: list[str]) -> None:
    """Returns when they have booted from their saved disks."""
    scene.order("machines/put-back", folder=str(scene.folder / "disks"), machines=machines)


def present(scene: Scene) -> list[str]:
    """All machines there are. Raises RehearsalError when one of them does not run: it could not be brought back."""
    found = enter.machines(scene.settings)
    if resting := [machine.id for machine in found if machine.state != "running"]:
        raise RehearsalError(f"{', '.join(resting)} does not run: a checkpoint is taken of a world at work.")
    return [machine.id for machine in found]


def databases(scene: Scene, machines: list[str]) -> list[str]:
    """Those of them that have a database: the others need it when they boot."""
    return [one.id for one in enter.machines(scene.settings) if one.id in machines and one.role in DATABASES]


def images(scene: Scene) -> Json:
    """Ids of the account's own images and snapshots."""
    ec2 = scene.client("ec2")
    return {
        "images": [one["ImageId"] for one in ec2.describe_images(Owners=["self"])["Images"]],
        "snapshots": [one["SnapshotId"] for one in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]],
    }


def end_later_ones(scene: Scene, machines: list[str]) -> None:
    """Terminate instances that are not among `machines` and belong to no group; returns when they are terminated."""
    ec2 = scene.client("ec2")
    later = [i["InstanceId"] for i in _instances(ec2) if i["InstanceId"] not in machines and not _grouped(i)]
    if not later:
        return
    ec2.terminate_instances(InstanceIds=later)
    until(
        lambda: ", ".join(one["InstanceId"] for one in _instances(ec2) if one["InstanceId"] in later),
        "the end of what was launched after the checkpoint",
        END_SECONDS,
    )


def drop_later_images(scene: Scene, saved: Json) -> None:
    ec2, now = scene.client("ec2"), images(scene)
    for image in set(now["images"]) - set(saved["images"]):
        ec2.deregister_image(ImageId=image)
    for snapshot in set(now["snapshots"]) - set(saved["snapshots"]):
        ec2.delete_snapshot(SnapshotId=snapshot)


def _instances(ec2: Any) -> list[Json]:
    """Those that are alive, and those that are about to end."""
    states = [{"Name": "instance-state-name", "Values": [*_ALIVE, "shutting-down"]}]
    pages = ec2.get_paginator("describe_instances").paginate(Filters=states)
    return [one for page in pages for reservation in page["Reservations"] for one in reservation["Instances"]]


def _grouped(instance: Json) -> bool:
    return any(tag["Key"] == GROUP_TAG for tag in instance.get("Tags", []))
