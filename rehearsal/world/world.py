"""The world that one owner process (`python -m rehearsal.aws`) holds: pool, images, network, machines, services."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings
from rehearsal.world import disks, images, pool, records, tls_front
from rehearsal.world.authority import Authority
from rehearsal.world.cache import Report
from rehearsal.world.database_image import choose_database_image
from rehearsal.world.downloads import Downloads
from rehearsal.world.linklocal import LinkLocal
from rehearsal.world.machines import Machines, MachineSpec
from rehearsal.world.mirror import make_mirror
from rehearsal.world.mounts import share_mounts
from rehearsal.world.network import CLIENT, Network
from rehearsal.world.provider import Provider


class World:
    """Use as a context manager. Leaving it ends every machine and frees all that the world took, but the pool's files.

    Thread-safe. `network` and `machines`: see there. After each change of endpoints, groups or routes call
    `network.apply` with the rules as they are now: a new endpoint passes nothing before.
    """

    def __init__(self, settings: Settings, provider: Provider, report: Report = lambda _: None) -> None:
        self.settings = settings
        self.network = Network(settings)
        self.machines = Machines(settings, on_exit=provider.record_machine_exit)
        self._provider = provider
        self._report = report
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> World:
        with contextlib.ExitStack() as stack:
            for folder in (self.settings.state, self.settings.logs, self.settings.downloads):
                folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(share_mounts(self.settings.home))
            pool.open_pool(self.settings)
            stack.callback(pool.close_pool, self.settings)
            self._authority = Authority(self.settings.cache)
            stock = images.make_image("debian-12", self.settings.cache, self._report)
            self.database = choose_database_image(self.settings, self._report)
            self._images = {"debian-12": self._copy_to_pool(stock), "rds": self._copy_to_pool(Path(self.database.disk))}
            debian = make_mirror(self.settings.cache, self._report)
            downloads = Downloads(self.settings.mirror_port, debian=debian, downloads=self.settings.downloads)
            stack.callback(downloads.close)
            stack.callback(self.network.close)
            self.network.open()
            self._services = LinkLocal(self.settings, self.network, self._provider)
            stack.callback(self._services.close)
            self._services.serve(CLIENT)
            stack.callback(self.machines.close)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def make_image(self, name: str) -> Path:
        """Return the path in the pool of a prepared image: "debian-12" (replaces the Ubuntu AMI) or "rds" (see `database`)."""
        return self._images[name]

    def is_running(self, machine: str) -> bool:
        """Return whether a machine of this world runs."""
        return any(one.id == machine and one.state != "stopped" for one in self.machines.list())

    def locate_volume(self, machine: str) -> Path:
        """Return the path of a disk: <home>/pool/volumes/<machine>.raw."""
        return self.settings.pool / "volumes" / f"{machine}.raw"

    def attach(self, name: str, ip: str) -> str:
        """Attach an endpoint with its link-local services (metadata, DNS, relays). Return the namespace's name."""
        namespace = self.network.attach(name, ip)
        try:
            self._services.serve(name)
        except BaseException:
            self.network.detach(name)
            raise
        return namespace

    def detach(self, name: str) -> None:
        """Remove an endpoint and its services; harmless when it is gone. End its processes before."""
        self._services.end_relays(name)
        self.network.detach(name)

    def launch(
        self, spec: MachineSpec, *, image: Path, size: int | None = None, prepare: Callable[[Path], None] | None = None
    ) -> None:
        """Clone `image` to `spec.disk` (at least `size` bytes), attach the endpoint if it is not, start. Does not wait.

        `prepare` gets the mounted new disk's root before it boots (an appliance's configuration). What was begun is
        undone when it fails.
        """
        disks.clone(image, spec.disk)
        try:
            if size is not None:
                disks.grow(spec.disk, size)
            if prepare is not None:
                images.work_on_mounted(spec.disk, prepare)
            self.start(spec)
        except BaseException:
            spec.disk.unlink(missing_ok=True)
            raise

    def start(self, spec: MachineSpec) -> None:
        """Start a machine from its disk, attaching its endpoint if it is not attached. Does not wait for the boot."""
        fresh = spec.id not in self.network.list_attached()
        if fresh:
            self.attach(spec.id, spec.ip)
        try:
            self.machines.start(spec)
        except BaseException:
            if fresh:
                self.detach(spec.id)
            raise

    def put_back(self, machine: str, saved: Path) -> None:
        """Cut its power, make its disk a copy of `saved`, start it as it was. Does not wait for the boot.

        Raises MachineNotFound for one that was terminated.
        """
        record = records.find(self.settings, machine)
        self.machines.kill(machine)
        disks.clone(saved, record.disk)
        self.start(
            MachineSpec(record.id, record.disk, record.ip, name=record.name, role=record.role, own_name=record.own_name)
        )

    def terminate(self, machine: str) -> None:
        """Cut its power, detach it, remove its volume and its record. Harmless when it is gone."""
        self.machines.kill(machine)
        self.detach(machine)
        self.locate_volume(machine).unlink(missing_ok=True)
        records.remove_record(self.settings, machine)

    def expose(self, port: int, endpoint: str, target: Callable[[], tuple[str, int] | None]) -> None:
        """Listen on 127.0.0.1:port of the host; connections go, from inside `endpoint`, to target() (None: refused).

        Raises RehearsalError when the port is in use.
        """
        try:
            self._services.expose(port, endpoint, target)
        except OSError as error:
            raise RehearsalError(f"Port {port} of 127.0.0.1 cannot be used: {error.strerror}.") from None

    def publish(self, names: list[str]) -> str:
        """Serve the local AWS with TLS under these host names; return the address that they must resolve to. Call it once."""
        chain, key = self.issue_certificate(names[0], names[1:])
        return self._services.publish(tls_front.load_server_context(chain, key, self.settings.state))

    def issue_certificate(self, common_name: str, names: list[str]) -> tuple[bytes, bytes]:
        """Return (certificate chain, private key) in PEM, signed by the rehearsal's CA, which every machine's image trusts."""
        return self._authority.issue_certificate(common_name, names)

    def run_in(self, name: str, *words: str, timeout: float = 60.0) -> subprocess.CompletedProcess[bytes]:
        """Run a command of the host in an endpoint's namespace and wait for it."""
        return subprocess.run(
            [*self.network.build_prefix(name), *words],
            capture_output=True,
            timeout=timeout,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def _copy_to_pool(self, cached: Path) -> Path:
        """Copy a cached image into the pool once, and return its path there: from there it is cloned."""
        target = self.settings.pool / "images" / cached.name
        if not target.exists():
            half = target.with_suffix(".half")
            half.unlink(missing_ok=True)
            disks.copy_ranges(cached, half, disks.list_data_ranges(cached))
            half.rename(target)
        return target
