"""The world that one owner process (`python -m rehearsal.aws`) holds: pool, images, network, machines, services."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from rehearsal.settings import Settings
from rehearsal.world.machines import Machines, MachineSpec
from rehearsal.world.network import Network
from rehearsal.world.provider import Provider


class World:
    """Use as a context manager. Leaving it stops every machine and frees what the world made, except the pool's files.

    - `network`, `machines`: see there.
    - `launch` is what an EC2 RunInstances needs: disk from an image, endpoint, services, boot.
    """

    settings: Settings
    network: Network
    machines: Machines

    def __init__(self, settings: Settings, provider: Provider) -> None:
        raise NotImplementedError

    def __enter__(self) -> World:
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError

    def image(self, name: str) -> Path:
        """Path in the pool of a prepared image: "debian-12" (stands for the Ubuntu AMI) or "rds" (MariaDB + TLS)."""
        raise NotImplementedError

    def volume(self, machine: str) -> Path:
        """<home>/pool/volumes/<machine>.raw"""
        raise NotImplementedError

    def attach(self, name: str, ip: str) -> str:
        """Endpoint with its link-local services (metadata, DNS, relays); for appliances. Returns the namespace."""
        raise NotImplementedError

    def detach(self, name: str) -> None:
        raise NotImplementedError

    def launch(self, spec: MachineSpec, *, image: Path, size: int | None = None) -> None:
        """Clone `image` to `spec.disk`, fit it to this world (new machine id, host name), attach, start. Does not wait."""
        raise NotImplementedError

    def start(self, spec: MachineSpec) -> None:
        """Start a stopped machine again from its disk (attaches it first)."""
        raise NotImplementedError

    def terminate(self, machine: str) -> None:
        """Kill it, detach it, remove its volume."""
        raise NotImplementedError

    def expose(self, port: int, endpoint: str, target: Callable[[], tuple[str, int] | None]) -> None:
        """Listen on 127.0.0.1:port of the host; each connection goes, from inside `endpoint`, to target() (None: refused)."""
        raise NotImplementedError

    def certificate(self, common_name: str, names: list[str]) -> tuple[bytes, bytes]:
        """(certificate chain, private key) in PEM, signed by the rehearsal's CA, which every machine's image trusts."""
        raise NotImplementedError
