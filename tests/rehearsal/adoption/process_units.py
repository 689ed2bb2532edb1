"""Units whose programs run, by the unit files on the disk. No systemd runs in the namespaces of these tests."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from cutover_site.adopt.units import UnitState
from cutover_site.existing.host import Host
from cutover_site.existing.unit_files import find_units
from cutover_site.files.mounts import list_mount_points
from cutover_site.system.commands import run

from tests.waiting import wait_until

UNITS = Path("/etc/systemd/system")
PROXY, ADMIN = "haproxy.service", "/run/haproxy/admin.sock"


@dataclass
class ProcessUnits:
    """`enabled`: the units that would start at boot."""

    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    enabled: set[str] = field(default_factory=set)

    def read(self, unit: str) -> UnitState:
        if unit.endswith(".mount"):
            is_active = (UNITS / unit).exists() and _read_option(unit, "Where") in list_mount_points()
        else:
            is_active = unit in self.processes and self.processes[unit].poll() is None
        return UnitState(is_active, unit in self.enabled)

    def set_active(self, unit: str, *, is_active: bool) -> None:
        if unit.endswith(".mount"):
            self._set_mounted(unit, is_mounted=is_active)
        elif is_active:
            self.processes[unit] = self._start_proxy() if unit == PROXY else self._start_service(unit)
        elif unit in self.processes:
            process = self.processes.pop(unit)
            process.terminate()
            process.wait(20)

    def set_enabled(self, unit: str, *, is_enabled: bool) -> None:
        (self.enabled.add if is_enabled else self.enabled.discard)(unit)

    def reload_files(self) -> None:
        pass

    def stop_all(self) -> None:
        for unit in list(self.processes):
            self.set_active(unit, is_active=False)

    def _set_mounted(self, unit: str, *, is_mounted: bool) -> None:
        place = _read_option(unit, "Where")
        if is_mounted:
            run("mount", "-o", _read_option(unit, "Options"), _read_option(unit, "What"), place)
        else:
            run("umount", "--recursive", place)

    def _start_service(self, name: str) -> subprocess.Popen[bytes]:
        unit = next(unit for unit in find_units(Host(), bool) if unit.name == name)
        account = pwd.getpwnam(unit.user)
        with Path(f"/var/log/{name}.log").open("ab") as log:
            return subprocess.Popen(
                unit.command, cwd=unit.working_folder, env={"PATH": os.environ["PATH"], **unit.environment},
                user=account.pw_uid, group=account.pw_gid, extra_groups=(), stdout=log, stderr=log,
            )  # fmt: skip

    def _start_proxy(self) -> subprocess.Popen[bytes]:
        options = Path("/etc/default/haproxy").read_text().partition('EXTRAOPTS="')[2].partition('"')[0].split()
        command = ["/usr/sbin/haproxy", "-W", "-f", "/etc/haproxy/haproxy.cfg", *options]
        with Path("/var/log/haproxy.out").open("ab") as log:
            Path("/run/haproxy").mkdir(exist_ok=True)  # RuntimeDirectory of the unit
            process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(lambda: process.poll() is not None or _is_listening(ADMIN), "HAProxy listens or ended")
        assert process.poll() is None, Path("/var/log/haproxy.out").read_text()
        return process


def _is_listening(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0


def _read_option(unit: str, name: str) -> str:
    lines = (UNITS / unit).read_text().splitlines()
    return next(line.partition("=")[2] for line in lines if line.startswith(f"{name}="))
