"""Do what happens to the machine behind an instance. Each function returns when it is done."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from rehearsal.aws.ec2.images import Images
from rehearsal.aws.ec2.models import Image, Instance, Snapshot, State, now
from rehearsal.aws.faults.machines import MachineFaults
from rehearsal.aws.network.endpoints import Endpoints
from rehearsal.aws.network.firewall import Firewall
from rehearsal.aws.tags import Tags
from rehearsal.errors import MachineError, RehearsalError
from rehearsal.settings import Settings
from rehearsal.world import MachineSpec, World
from rehearsal.world.leaders import kill_leader

BOOT_SECONDS = 120.0
_log = logging.getLogger(__name__)


class Lifecycle:
    """Change the states of instances and announce each change on `changed`. One thread at a time has a machine: `lock`."""

    def __init__(
        self,
        settings: Settings,
        world: World,
        *,
        endpoints: Endpoints,
        firewall: Firewall,
        images: Images,
        tags: Tags,
        faults: MachineFaults,
    ) -> None:
        self._settings, self._world = settings, world
        self._endpoints, self._firewall = endpoints, firewall
        self._images, self._tags = images, tags
        self._faults = faults
        self.changed = threading.Condition()

    def boot(self, instance: Instance, disk: Path | None, size: int | None) -> None:
        """Boot the machine, from a copy of `disk` if given, and set the instance to `running` or `terminated`."""
        name, role = self.read_names(instance)
        endpoint = instance.endpoint
        spec = MachineSpec(instance.id, self._world.locate_volume(instance.id), endpoint.ip, name=name, role=role)
        try:
            with instance.lock:
                if instance.state != "pending":
                    return
                if instance.id not in self._world.network.list_attached():
                    self._world.attach(instance.id, endpoint.ip)
                self._endpoints.renew_public_address(endpoint)
                self._firewall.apply()
                if disk is not None:
                    self._world.launch(spec, image=disk, size=size)
                else:
                    self._world.start(spec)
            self._world.machines.wait_booted(instance.id, BOOT_SECONDS)
        except (RehearsalError, OSError) as error:
            if instance.state == "pending":
                _log.error("instance %s did not boot: %s", instance.id, error)
                self.set(instance, "shutting-down", f"Server.InternalError: {error}")
                self.terminate(instance)
            return
        self.set(instance, "running", only={"pending"})
        self._faults.apply_running_faults(instance.id, role, lambda: self._kill_silently(instance.id))

    def _kill_silently(self, machine: str) -> None:
        """Kill the machine without a call of the world, which notices it as a crash."""
        for one in self._world.machines.list():
            if one.id == machine and one.leader:
                kill_leader(self._settings, machine, one.leader)

    def stop(self, instance: Instance, *, force: bool) -> None:
        """Stop the machine, at once with `force`."""
        with instance.lock:
            if force:
                self._world.machines.kill(instance.id)
            else:
                self._world.machines.stop(instance.id)
        self.release_public_address(instance)
        self.set(instance, "stopped", "Client.UserInitiatedShutdown: User initiated shutdown", only={"stopping"})

    def terminate(self, instance: Instance) -> None:
        """End the machine and free what it has."""
        self._world.machines.kill(instance.id)  # also ends a boot or an image's reboot that holds the lock
        with instance.lock:
            self._world.terminate(instance.id)
        self._endpoints.remove(instance.id)
        self._firewall.apply()
        instance.ended = now()
        self.set(instance, "terminated", instance.reason or "Client.UserInitiatedShutdown: User initiated shutdown")

    def copy_to_image(self, instance: Instance, image: Image, snapshot: Snapshot, *, reboot: bool) -> None:
        """Copy the disk into the image, and set the image to `available` or `failed`."""
        volume, mount = self._world.locate_volume(instance.id), self._settings.mounts / instance.id
        try:
            with instance.lock:
                running = instance.state == "running"
                if running and reboot:
                    self._world.machines.stop(instance.id)
                self._images.fill_snapshot(snapshot, volume, mount if running and not reboot else None)
                self._images.copy(snapshot, image)
                if running and reboot and instance.state == "running":
                    self._start_again(instance)
            self._faults.apply_image_faults(image.name)
        except (RehearsalError, OSError) as error:
            _log.error("image %s of %s failed: %s", image.id, instance.id, error)
            image.reason, image.state, snapshot.state = str(error), "failed", "error"
            if not any(one.id == instance.id and one.leader for one in self._world.machines.list()):
                self.set(instance, "stopped", f"Server.InternalError: {error}", only={"running"})
            return
        image.state = "available"
        with self.changed:
            self.changed.notify_all()

    def _start_again(self, instance: Instance) -> None:
        name, role = self.read_names(instance)
        self._world.start(
            MachineSpec(instance.id, self._world.locate_volume(instance.id), instance.endpoint.ip, name=name, role=role)
        )
        self._world.machines.wait_booted(instance.id, BOOT_SECONDS)

    def reboot(self, instance: Instance) -> None:
        """Reboot the machine if it runs."""
        with instance.lock:
            if instance.state == "running":
                self._world.machines.reboot(instance.id)

    def put_back(self, instance: Instance, saved: Path) -> None:
        """Boot the machine from a copy of `saved`. Raises MachineError."""
        self._world.machines.kill(instance.id)  # also ends a boot or an image's reboot that holds the lock
        with instance.lock:
            if not instance.alive:
                raise MachineError(instance.id, "is terminated: no disk can bring it back.")
            if instance.state != "running":
                self._endpoints.renew_public_address(instance.endpoint)
                self._firewall.apply()
            self._world.put_back(instance.id, saved)
            self._world.machines.wait_booted(instance.id, BOOT_SECONDS)
        self.set(instance, "running")

    def release_public_address(self, instance: Instance) -> None:
        """Take the public address that the subnet gave. A stopped instance keeps an Elastic IP."""
        endpoint = instance.endpoint
        if endpoint.public_ip and not endpoint.elastic:
            self._endpoints.addresses.release(endpoint.public_ip)
            endpoint.public_ip, endpoint.returns_public = None, True
            self._firewall.apply()

    def read_names(self, instance: Instance) -> tuple[str, str]:
        """Return the tags Name and cutover:role."""
        tags = self._tags.of(instance.id)
        return tags.get("Name", ""), tags.get("cutover:role", "")

    def set(self, instance: Instance, state: State, reason: str = "", *, only: set[State] | None = None) -> None:
        """Set the state, only from one of the states `only` if given."""
        with self.changed:
            if only is None or instance.state in only:
                instance.state, instance.reason = state, reason
            self.changed.notify_all()
