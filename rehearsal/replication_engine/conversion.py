"""What makes a copy of the source's disk boot as another machine: the conversion, done on the disk before the launch.

- The agent is removed: a launched machine must not register as, or replicate over, its source.
- What ties the system to the source's network hardware goes; the cloud gives the new machine its address.
- A unit is added that reports to the service that the machine runs, and runs the post-launch scripts once.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rehearsal.world import disks

RUNNER = Path(__file__).with_name("launched_machine.py")
SYSTEM = Path("etc/systemd/system")
WANTED = SYSTEM / "multi-user.target.wants"
NETWORK_TRACES = (
    "etc/udev/rules.d/70-persistent-net.rules",
    "etc/udev/rules.d/75-persistent-net-generator.rules",
    "var/lib/dhcp/*.leases",
    "var/lib/NetworkManager/*.lease",
    "run/systemd/netif/leases/*",
)
# Type=exec: a boot is complete when the scripts have begun, however long they take.
UNIT_TEXT = """[Unit]
Description={service} post-launch actions
ConditionPathExists=/{folder}/pending.json
Wants=network-online.target
After=network-online.target cloud-init.service

[Service]
Type=exec
EnvironmentFile=-/etc/environment
ExecStart=/usr/bin/python3 /{folder}/run.py
KillMode=mixed
TimeoutStartSec=infinity

[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True)
class Pending:
    """What the launched machine needs to know, in pending.json (mode 600) until its scripts begin."""

    report_url: str
    token: str
    scripts: Sequence[str]
    """folders with the post-launch scripts, in their order"""


@dataclass(frozen=True)
class Conversion:
    """The conversion of one service. Paths are relative to the root of the disk."""

    service: str
    agent_folder: Path
    agent_unit: str
    folder: Path
    """of the runner and of pending.json"""
    unit: str

    @property
    def unit_text(self) -> str:
        """Return the unit that starts the runner."""
        return UNIT_TEXT.format(service=self.service, folder=self.folder)

    def convert(self, disk: Path, where: Path, pending: Pending) -> None:
        """Convert an unmounted disk in place; mounts it at `where` meanwhile. Raises RehearsalError when it cannot be mounted."""
        disks.mount(disk, where)
        try:
            self.remove_agent(where)
            remove_network_traces(where)
            self.add_runner(where, pending)
        finally:
            disks.unmount(where)

    def remove_agent(self, root: Path) -> None:
        """Remove the agent."""
        shutil.rmtree(root / self.agent_folder, ignore_errors=True)
        (root / SYSTEM / self.agent_unit).unlink(missing_ok=True)
        (root / WANTED / self.agent_unit).unlink(missing_ok=True)

    def add_runner(self, root: Path, pending: Pending) -> None:
        """Add the unit that runs the scripts at the first boot."""
        folder = root / self.folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(RUNNER, folder / "run.py")
        handle = os.open(folder / "pending.json", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(pending), file)
        (root / SYSTEM / self.unit).write_text(self.unit_text)
        (root / WANTED).mkdir(parents=True, exist_ok=True)
        link = root / WANTED / self.unit
        link.unlink(missing_ok=True)
        link.symlink_to(Path("..") / self.unit)


def remove_network_traces(root: Path) -> None:
    """Remove what belongs to the old network."""
    for pattern in NETWORK_TRACES:
        for file in root.glob(pattern):
            file.unlink()
