"""The ssh command of a replica reaches the source's SSH server at its port, and accepts only the source's host key there."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cutover_site.files.delta import build_ssh_command
from cutover_site.layout import Layout
from cutover_site.machine import Machine

ADDRESS = "192.168.7.20"


def build(root: Path, replication: dict[str, Any]) -> list[str]:
    """Return the command on a disk that was copied from the source, with a host key that ssh-keygen made."""
    (root / "etc/cutover").mkdir(parents=True)
    key = root / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    public = " ".join(key.with_suffix(".pub").read_text().split()[:2])
    (root / "etc/cutover/source_host_key.pub").write_text(f"{public}\n")
    machine = Machine(layout=Layout(root))
    machine.replication = replication
    (root / "run/cutover").mkdir(parents=True)
    return shlex.split(build_ssh_command(machine, ADDRESS))


def is_known(root: Path, name: str) -> bool:
    """Return whether ssh finds a host key under this name, as ssh-keygen(1) finds it."""
    known = root / "run/cutover/known_hosts"
    found = subprocess.run(["ssh-keygen", "-F", name, "-f", str(known)], capture_output=True, check=False)
    return found.returncode == 0


@pytest.mark.parametrize(
    ("replication", "port", "name"),
    [({}, 22, ADDRESS), ({"source_app_ssh_port": 2022}, 2022, f"[{ADDRESS}]:2022")],
)
def test_the_port_of_the_parameter_is_used(tmp_path: Path, replication: dict[str, Any], port: int, name: str) -> None:
    command = build(tmp_path, replication)

    # `ssh -G` prints the configuration that ssh would use, and connects to nothing
    used = subprocess.run([*command, "-G", ADDRESS], capture_output=True, text=True, check=True).stdout.splitlines()
    assert f"port {port}" in used
    assert "stricthostkeychecking true" in used
    assert is_known(tmp_path, name)
    assert not is_known(tmp_path, "192.168.7.21")
