"""What the agents of the providers and of Systems Manager do alike on a machine. Standard library only.

An installer is downloaded as one file: `installers.build_installer` puts the text of this module into it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

METADATA = "http://169.254.169.254/latest"
LONGEST_PAUSE_SECONDS = 60.0


def read_metadata(path: str) -> str:
    """Return one item of EC2 instance metadata (version 2); empty when this is no EC2 instance."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        ask = urllib.request.Request(
            METADATA + "/api/token", method="PUT", headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"}
        )
        with opener.open(ask, timeout=2) as answer:
            token = answer.read().decode()
        get = urllib.request.Request(METADATA + path, headers={"X-aws-ec2-metadata-token": token})
        with opener.open(get, timeout=2) as answer:
            return str(answer.read().decode().strip())
    except OSError:
        return ""


def find_own_address() -> str:
    """Return the address from which this machine sends its packets; empty when it has no route. Sends nothing."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return ""


def read_hardware_addresses() -> list[str]:
    """Return the hardware address of each network interface but the loopback (netdevice(7)). /sys of a container has those of its host."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _index, name in socket.if_nameindex():
            if name != "lo":
                answer = fcntl.ioctl(probe.fileno(), 0x8927, struct.pack("256s", name.encode()))  # SIOCGIFHWADDR
                found.append(answer[18:24].hex(":"))
    return sorted(found)


def find_endpoint(service: str, region: str, endpoint: str = "") -> str:
    """Return the address of a service: the given one, AWS_ENDPOINT_URL (also of /etc/environment), or the region's."""
    if endpoint:
        return endpoint if "://" in endpoint else f"https://{endpoint}"
    found = os.environ.get("AWS_ENDPOINT_URL", "")
    with contextlib.suppress(OSError):
        for line in Path("/etc/environment").read_text().splitlines():
            name, _, value = line.partition("=")
            found = found or (value.strip("\"'") if name == "AWS_ENDPOINT_URL" else "")
    return found.rstrip("/") or f"https://{service}.{region}.amazonaws.com"


def find_disk_name(block: str) -> str:
    """Return the path of a disk by its name in sysfs.

    A machine of the rehearsal has a loop device of its host for a disk. EC2 shows the first disk as xvda.
    """
    return "/dev/xvda" if block.startswith("loop") else f"/dev/{block}"


def find_root_disk() -> tuple[str, int]:
    """Return the path and the size in bytes of the disk with the root file system (the whole disk, not the partition)."""
    device = Path("/").stat().st_dev
    block = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve()
    if (block / "partition").exists():
        block = block.parent
    try:
        return find_disk_name(block.name), int((block / "size").read_text()) * 512
    except OSError:
        usage = os.statvfs("/")
        return "/dev/root", usage.f_blocks * usage.f_frsize


def run_systemctl(*words: str) -> None:
    """Run systemctl. Raises CalledProcessError."""
    subprocess.run(["systemctl", *words], check=True, stdin=subprocess.DEVNULL)


def start_agent(folder: Path, unit: Path, unit_text: str, record: dict[str, Any]) -> None:
    """Copy this program to `folder` as the agent, write its record (mode 600) and its unit, and start it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    agent = folder / "agent.py"
    if Path(__file__).resolve() != agent:
        shutil.copyfile(__file__, agent)
    half = folder / "agent.half"
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(record, file)
    half.replace(folder / "agent.json")
    unit.write_text(unit_text.format(agent=agent))
    run_systemctl("daemon-reload")
    run_systemctl("--quiet", "enable", unit.name)
    run_systemctl("restart", unit.name)


def remove_agent(folder: Path, unit: Path) -> None:
    """Remove the agent. The service that runs this ends by itself afterwards."""
    unit.unlink(missing_ok=True)
    Path("/etc/systemd/system/multi-user.target.wants", unit.name).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    run_systemctl("daemon-reload")


def run_heartbeats(beat: Callable[[], dict[str, Any]], seconds: float, refusal: type[Exception]) -> None:
    """Send one heartbeat after the other until the service requests "uninstall", with a growing pause while it cannot be reached.

    `refusal`: what `beat` raises when the service refuses a heartbeat.
    """
    pause = seconds
    while True:
        try:
            command = beat()["command"]
            pause = seconds
            if command == "uninstall":
                return
        except (OSError, refusal) as error:
            print(f"heartbeat: {error}", file=sys.stderr, flush=True)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        time.sleep(pause)
