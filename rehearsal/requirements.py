"""Check what a machine needs for a world, before the start changes anything. Each missing requirement is one sentence."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from rehearsal import processes
from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings
from rehearsal.world import namespaces
from rehearsal.world.cache import Report
from rehearsal.world.firewall import Interface, Permission, Route, Rules, SecurityGroup
from rehearsal.world.ruleset import PERMANENT, render_ruleset
from rehearsal.world.shell import run

_PACKAGES = {
    "apt-ftparchive": "apt-utils",
    "e2fsck": "e2fsprogs",
    "git": "git",
    "git-lfs": "git-lfs",
    "haproxy": "haproxy",
    "ip": "iproute2",
    "losetup": "mount",
    "mkfs.xfs": "xfsprogs",
    "mmdebstrap": "mmdebstrap",
    "nft": "nftables",
    "nsenter": "util-linux",
    "ssh": "openssh-client",
    "systemd-nspawn": "systemd-container",
}
"""Command of the host -> Debian package that has it."""
TEST_PACKAGES = {
    "mariadb": "mariadb-client-core",
    "mariadb-binlog": "mariadb-client",
    "rsync": "rsync",
    "mariadb-install-db": "mariadb-server-core",
    "sshd": "openssh-server",
}
"""additional packages of the tests: servers that they start themselves, with their own data"""
BROWSER_PACKAGES = {"chromium": "chromium"}
"""of the tests of the report's page"""
BENCH_PACKAGES = {**TEST_PACKAGES, "pt-table-checksum": "percona-toolkit"}
"""additional packages of the benches: the tools of the comparisons"""
_SPACE = 8 << 30
"""Bytes that a whole migration writes, with room."""
_PROBE = Rules(
    (Interface("probe", "10.0.0.1", "vpc", ("group",), (Route("0.0.0.0/0", "internet"),), "192.0.2.1"),),
    (SecurityGroup("group", (Permission("tcp", 1, 9, group="group"),), (Permission("-1", cidr="0.0.0.0/0"),)),),
)
"""Uses every feature of nftables that a world's rules use."""


def require_root() -> None:
    """Require root. Raises RehearsalError."""
    if os.geteuid() != 0:
        raise RehearsalError("The rehearsal boots machines and needs root: run it with sudo.")


def require_packages(report: Report, also: Mapping[str, str] = MappingProxyType({})) -> None:
    """Install the missing Debian packages with apt-get. `also`: more of them, as command -> package."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    missing = sorted(
        {package for command, package in {**_PACKAGES, **also}.items() if shutil.which(command, path=path) is None}
    )
    if not missing:
        return
    words = " ".join(missing)
    if shutil.which("apt-get") is None:
        raise RehearsalError(f"These packages are missing and there is no apt-get to install them: {words}.")
    report(f"installing Debian packages: {words}")
    # Services of these packages (haproxy) are not to be started on the host.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    install = ["apt-get", "-q", "-y", "--no-install-recommends", "install", *missing]
    for command in (install, ["apt-get", "-q", "update"], install):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode == 0 and command is install:
            return
    raise RehearsalError(f"apt-get could not install {words}: {done.stderr.strip().splitlines()[-1:]}")


def require_kernel(settings: Settings) -> None:
    """Try every kernel feature that the rehearsal requires."""
    if "xfs" not in Path("/proc/filesystems").read_text().split():
        subprocess.run(["modprobe", "xfs"], capture_output=True, check=False)
        if "xfs" not in Path("/proc/filesystems").read_text().split():
            raise RehearsalError("This kernel has no XFS, on which the machines' disks lie: use one that has.")
    if not Path("/dev/loop-control").exists():
        subprocess.run(["modprobe", "loop"], capture_output=True, check=False)
        if not Path("/dev/loop-control").exists():
            raise RehearsalError("This machine has no loop devices (/dev/loop-control); in a container they are off.")
    probe = settings.name_namespace("probe")
    try:
        namespaces.create(probe)
        run("ip", "-n", probe, "link", "add", "probe0", "type", "veth", "peer", "probe1")
    except RehearsalError as error:
        raise RehearsalError(f"This kernel gives no network namespaces with veth pairs: {error}") from None
    else:
        try:
            run(
                "ip",
                "netns",
                "exec",
                probe,
                "nft",
                "-f",
                "-",
                text=PERMANENT + render_ruleset(_PROBE, {"probe": "probe0"}),
            )
        except RehearsalError as error:
            raise RehearsalError(f"This kernel lacks what the rehearsal's nftables rules need: {error}") from None
    finally:
        namespaces.delete(probe)


def find_serving_world(settings: Settings) -> str:
    """Return the folder of another world that serves at this world's ports, empty when there is none.

    What a killed world left behind serves nothing, and is removed with its network namespaces.
    """
    return processes.find_other_world(settings) if _find_used_port(settings) else ""


def require_no_other_world(settings: Settings) -> None:
    """Require that no world of another folder serves at this world's ports. Raises RehearsalError."""
    if other := find_serving_world(settings):
        raise RehearsalError(
            f"A world in {other} runs with port {settings.port}: end it (`REHEARSAL_HOME={other} python -m rehearsal down`),"
            " or give REHEARSAL_PORT another number."
        )


def require_ports(settings: Settings) -> None:
    """Require that the four ports are free. Raises RehearsalError."""
    if port := _find_used_port(settings):
        raise RehearsalError(
            f"Port {port} of 127.0.0.1 is in use by another program: end it, or give REHEARSAL_PORT another number."
        )


def _find_used_port(settings: Settings) -> int | None:
    for port in (settings.aws_port, settings.console_port, settings.mirror_port, settings.site_port):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return port
    return None


def require_space(settings: Settings) -> None:
    """Require disk space for a whole migration at the pool's file. Raises RehearsalError."""
    free = shutil.disk_usage(settings.home).free
    if free < _SPACE:
        raise RehearsalError(
            f"{settings.home} has {free >> 30} GB free and a rehearsal needs {_SPACE >> 30}: free some, or set REHEARSAL_HOME."
        )
