"""What makes a copy of the source's disk boot as another machine: the conversion, done on the disk before the launch.

- The agent is removed: a launched machine must not register as, or replicate over, its source.
- What ties the system to the source's network hardware goes; the cloud gives the new machine its address.
- A unit is added that tells the console that the machine runs, and runs the post-launch scripts once.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from rehearsal.world import disks

AGENT_FOLDER = Path("var/lib/cloudendure")
AGENT_UNIT = "cloudendure-agent.service"
FOLDER = Path("var/lib/cloudendure-conversion")
UNIT = "cloudendure-conversion.service"
RUNNER = Path(__file__).with_name("launched_machine.py")
SYSTEM = Path("etc/systemd/system")
NETWORK_TRACES = (
    "etc/udev/rules.d/70-persistent-net.rules",
    "etc/udev/rules.d/75-persistent-net-generator.rules",
    "var/lib/dhcp/*.leases",
    "var/lib/NetworkManager/*.lease",
    "run/systemd/netif/leases/*",
)
# Type=exec: a boot is complete when the scripts have begun, however long they take.
UNIT_TEXT = f"""[Unit]
Description=CloudEndure post-launch actions
ConditionPathExists=/{FOLDER}/pending.json
Wants=network-online.target
After=network-online.target cloud-init.service

[Service]
Type=exec
EnvironmentFile=-/etc/environment
ExecStart=/usr/bin/python3 /{FOLDER}/run.py
KillMode=mixed
TimeoutStartSec=infinity

[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True)
class Pending:
    """What the launched machine needs to know, in <FOLDER>/pending.json (mode 600) until its scripts begin."""

    console: str
    token: str


def convert(disk: Path, where: Path, pending: Pending) -> None:
    """Convert an unmounted disk in place; mounts it at `where` meanwhile. Raises RehearsalError when it cannot be mounted."""
    disks.mount(disk, where)
    try:
        remove_agent(where)
        remove_network_traces(where)
        add_runner(where, pending)
    finally:
        disks.unmount(where)


def remove_agent(root: Path) -> None:
    """Remove the agent."""
    shutil.rmtree(root / AGENT_FOLDER, ignore_errors=True)
    (root / SYSTEM / AGENT_UNIT).unlink(missing_ok=True)
    (root / SYSTEM / "multi-user.target.wants" / AGENT_UNIT).unlink(missing_ok=True)


def remove_network_traces(root: Path) -> None:
    """Remove what belongs to the old network."""
    for pattern in NETWORK_TRACES:
        for file in root.glob(pattern):
            file.unlink()


def add_runner(root: Path, pending: Pending) -> None:
    """Add the service that runs the scripts at the first boot."""
    folder = root / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(RUNNER, folder / "run.py")
    handle = os.open(folder / "pending.json", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(asdict(pending), file)
    (root / SYSTEM / UNIT).write_text(UNIT_TEXT)
    wanted = root / SYSTEM / "multi-user.target.wants"
    wanted.mkdir(parents=True, exist_ok=True)
    link = wanted / UNIT
    link.unlink(missing_ok=True)
    link.symlink_to(Path("..") / UNIT)
