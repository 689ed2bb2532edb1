"""Instances are machines of the world. Their states are true: `pending` until booted, `stopped` when unmounted."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, MutableMapping
from pathlib import Path
from typing import Any, cast

from rehearsal.aws.ec2 import exceptions
from rehearsal.aws.ec2.images import Images, check_state
from rehearsal.aws.ec2.launch import Launch
from rehearsal.aws.ec2.lifecycle import Lifecycle
from rehearsal.aws.ec2.models import Image, Instance, Snapshot, State, generate_id
from rehearsal.aws.ec2.profiles import Profiles
from rehearsal.aws.exceptions import NotEmulated
from rehearsal.aws.faults.machines import MachineFaults
from rehearsal.aws.network.endpoints import Endpoints
from rehearsal.aws.network.firewall import Firewall
from rehearsal.aws.registry import Registry
from rehearsal.aws.tags import Tags
from rehearsal.errors import MachineError, RehearsalError
from rehearsal.settings import ACCOUNT, Settings
from rehearsal.world import World

_GIB = 1 << 30
_log = logging.getLogger(__name__)


class Instances:
    """The instances of EC2. Thread-safe. `changed` is set at each change of a state."""

    def __init__(
        self,
        registry: Registry,
        settings: Settings,
        world: World,
        *,
        endpoints: Endpoints,
        firewall: Firewall,
        images: Images,
        profiles: Profiles,
        tags: Tags,
        faults: MachineFaults,
    ) -> None:
        self._world, self._settings = world, settings
        self._endpoints, self._images, self._profiles, self._tags = endpoints, images, profiles, tags
        self._volumes = cast("MutableMapping[str, dict[str, Any]]", registry.get_records("ec2", "volumes"))
        self._subnets = registry.get_records("ec2", "subnets")
        self._found: dict[str, Instance] = {}
        self._life = Lifecycle(
            settings, world, endpoints=endpoints, firewall=firewall, images=images, tags=tags, faults=faults
        )
        self.changed = self._life.changed

    # Looking

    def get(self, instance_id: str) -> Instance:
        """Return an instance. Raises ApiError when there is none."""
        if instance_id not in self._found:
            raise exceptions.instance_not_found(instance_id)
        return self._found[instance_id]

    def find(self, instance_id: str) -> Instance | None:
        """Return an instance; None when there is none."""
        return self._found.get(instance_id)

    def list_all(self) -> list[Instance]:
        """Return all instances."""
        return list(self._found.values())

    def wait(self, instance_id: str, states: Collection[State], timeout: float) -> Instance:
        """Wait until the instance is in one of these states. Return it. Raises RehearsalError when it is terminated instead, or after `timeout`."""
        instance = self.get(instance_id)
        with self.changed:
            self.changed.wait_for(lambda: instance.state in {*states, "terminated"}, timeout)
        if instance.state not in states:
            raise RehearsalError(f"instance {instance_id} is {instance.state}: {instance.reason or 'it took too long'}")
        return instance

    # Changing; each returns at once

    def run(self, image: Image, launch: Launch) -> Instance:
        """Start one instance. Raises ApiError as RunInstances does, with nothing changed."""
        check_state(image)
        profile = None
        if launch.profile:
            profile = self._profiles.find(name=launch.profile.get("Name"), arn=launch.profile.get("Arn"))
        _check_root_disk(image, launch)
        instance_id = generate_id("i")
        endpoint = self._endpoints.add(
            instance_id,
            subnet_id=launch.subnet_id or self._find_default_subnet(),
            groups=launch.security_group_ids,
            ip=launch.private_ip_address,
            public=launch.public,
        )
        instance = Instance(
            id=instance_id,
            image_id=image.id,
            type=launch.instance_type,
            endpoint=endpoint,
            volume_id=generate_id("vol"),
            root_device=image.root_device,
            profile=profile,
            user_data=launch.user_data,
            key_name=launch.key_name,
            metadata_options=dict(launch.metadata_options),
            monitoring=launch.monitoring,
            protected=launch.protected,
            shutdown_behavior=launch.shutdown_behavior,
        )
        size = launch.root_size or image.size
        self._tags.add_specified(instance_id, "instance", launch.tag_specifications)
        self._tags.add_specified(instance.volume_id, "volume", launch.tag_specifications)
        self._volumes[instance.volume_id] = _format_root_volume(instance, size)
        self._found[instance_id] = instance
        self._start_thread(instance, "boot", lambda: self._life.boot(instance, image.disk, size * _GIB))
        return instance

    def stop(self, instance: Instance, *, force: bool = False) -> State:
        """Stop an instance. Return its state before. Raises ApiError when it is being terminated."""
        before = self._begin(instance, {"running", "pending"}, "stopping", already={"stopping", "stopped"})
        if instance.state == "stopping" and before in ("running", "pending"):
            self._start_thread(instance, "stop", lambda: self._life.stop(instance, force=force))
        return before

    def start(self, instance: Instance) -> State:
        """Start a stopped instance. Return its state before."""
        before = self._begin(instance, {"stopped"}, "pending", already={"pending", "running"})
        if before == "stopped":
            self._start_thread(instance, "start", lambda: self._life.boot(instance, None, None))
        return before

    def reboot(self, instance: Instance) -> None:
        """Reboot a running instance."""
        self._begin(instance, {"running"}, "running", already=set())
        self._start_thread(instance, "reboot", lambda: self._life.reboot(instance))

    def terminate(self, instance: Instance) -> State:
        """Terminate an instance. Return its state before."""
        every: set[State] = {"pending", "running", "stopping", "stopped"}
        before = self._begin(instance, every, "shutting-down", already={"shutting-down", "terminated"})
        if before in every:
            self._start_thread(instance, "terminate", lambda: self._end(instance))
        return before

    def put_back(self, instance: Instance, saved: Path) -> None:
        """Run it from a copy of `saved`, whatever it did; returns when it has booted, the same instance as before.

        Raises MachineError when it is terminated or does not boot.
        """
        self._life.put_back(instance, saved)

    def create_image(self, instance: Instance, name: str, *, description: str, reboot: bool, tags: list[Any]) -> Image:
        """Return a pending image.

        With `reboot` of a running instance its file system is at rest when it is taken.
        """
        self._images.check_name(name)
        if instance.state not in ("running", "stopped"):
            raise exceptions.wrong_state_for_image(instance.id)
        size = int(self._volumes[instance.volume_id]["Size"])
        snapshot = Snapshot(
            generate_id("snap"), instance.volume_id, size, f"Created by CreateImage({instance.id})", "pending"
        )
        image_id = generate_id("ami")
        disk = self._settings.pool / "images" / f"{image_id}.raw"
        image = Image(image_id, name, disk, ACCOUNT, size, instance.root_device, snapshot.id, description, "pending")
        image.source_instance = instance.id
        self._images.snapshots[snapshot.id] = snapshot
        self._images.images[image.id] = image
        self._tags.add_specified(image.id, "image", tags)
        self._tags.add_specified(snapshot.id, "snapshot", tags)
        self._start_thread(
            instance, "image", lambda: self._life.copy_to_image(instance, image, snapshot, reboot=reboot)
        )
        return image

    def record_exit(self, instance_id: str) -> None:
        """Record that a machine ended by itself: it was shut down from inside, crashed, or was killed."""
        instance = self._found.get(instance_id)
        if instance is None or instance.state not in ("pending", "running"):
            return
        if instance.shutdown_behavior == "terminate":
            self.terminate(instance)
            return
        self._life.release_public_address(instance)
        self._life.set(instance, "stopped", "Client.InstanceInitiatedShutdown: Instance initiated shutdown")

    def copy_tags_to_machines(self) -> None:
        """Copy the names and roles in the tags of all instances to their machines."""
        known = {machine.id: machine for machine in self._world.machines.list()}
        for instance in self.list_all():
            machine = known.get(instance.id)
            name, role = self._life.read_names(instance)
            if machine and (machine.name, machine.role) != (name, role):
                self._world.machines.describe(instance.id, name=name, role=role)

    def _end(self, instance: Instance) -> None:
        self._life.terminate(instance)
        self._volumes.pop(instance.volume_id, None)

    # States

    def _begin(self, instance: Instance, states: set[State], after: State, *, already: set[State]) -> State:
        with self.changed:
            before = instance.state
            if before in already:
                return before
            if before not in states:
                raise exceptions.wrong_instance_state(instance.id, after)
            instance.state = after
            self.changed.notify_all()
        return before

    def _start_thread(self, instance: Instance, what: str, work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            except MachineError as error:
                _log.warning("%s of %s: %s", what, instance.id, error)
            except Exception:  # noqa: BLE001  the thread's end would go unnoticed
                _log.exception("%s of %s failed", what, instance.id)

        threading.Thread(target=run, name=f"{what}-{instance.id}", daemon=True).start()

    def _find_default_subnet(self) -> str:
        found = next((id_ for id_, subnet in self._subnets.items() if subnet.get("DefaultForAz")), None)
        if found is None:
            raise exceptions.no_default_subnet()
        return found


def _check_root_disk(image: Image, launch: Launch) -> None:
    """Refuse a root disk that EC2 would refuse. Raises ApiError."""
    if launch.root_device not in (None, image.root_device):
        if launch.root_size is None:
            raise exceptions.missing_volume_size()
        raise NotEmulated(f"a disk besides the root disk ({launch.root_device})")
    if launch.root_size is not None and launch.root_size < image.size:
        raise exceptions.volume_too_small(launch.root_size, image.size)


def _format_root_volume(instance: Instance, size: int) -> dict[str, Any]:
    """Return the record of a root volume in ministack's form."""
    stamp = instance.launched.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    attachment = {
        "VolumeId": instance.volume_id,
        "InstanceId": instance.id,
        "Device": instance.root_device,
        "State": "attached",
        "AttachTime": stamp,
        "DeleteOnTermination": True,
    }
    return {
        "VolumeId": instance.volume_id,
        "Size": size,
        "AvailabilityZone": instance.endpoint.zone,
        "State": "in-use",
        "VolumeType": "gp3",
        "SnapshotId": "",
        "Iops": 3000,
        "Encrypted": False,
        "CreateTime": stamp,
        "Attachments": [attachment],
        "MultiAttachEnabled": False,
        "Throughput": 125,
    }
