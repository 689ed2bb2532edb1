"""The ssh command of a replica reaches the source's SSH server at its port, and accepts only the source's host key there."""

from __future__ import annotations

import shlex
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cutover_site.errors import CommandFailed
from cutover_site.files import efs
from cutover_site.files.changes import Moment
from cutover_site.files.delta import build_ssh_command, copy_changes
from cutover_site.files.delta_access import find_server_problem
from cutover_site.layout import Layout
from cutover_site.machine import Machine

ADDRESS = "192.168.7.20"


def make_replica(root: Path, replication: dict[str, Any]) -> Machine:
    """Return a machine whose disk was copied from the source, with a host key that ssh-keygen made."""
    (root / "etc/cutover").mkdir(parents=True)
    key = root / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    public = " ".join(key.with_suffix(".pub").read_text().split()[:2])
    (root / "etc/cutover/source_host_key.pub").write_text(f"{public}\n")
    machine = Machine(layout=Layout(root))
    machine.replication = replication
    (root / "run/cutover").mkdir(parents=True)
    return machine


def build(root: Path, replication: dict[str, Any]) -> list[str]:
    """Return the words of the ssh command of a replica."""
    return shlex.split(build_ssh_command(make_replica(root, replication), ADDRESS))


@pytest.mark.parametrize("since", ["", str(Moment(since=1_800_000_000.0, booted=1_700_000_000.0))])
def test_a_failed_copy_names_the_host_that_does_not_respond(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, since: str
) -> None:
    monkeypatch.setattr(efs, "mount_tree", lambda _machine, mode: tmp_path / mode)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    machine = make_replica(tmp_path, {"source_app_ssh_port": port})

    with pytest.raises(CommandFailed, match=r"^copy from 127\.0\.0\.1: (rsync|ssh) .*ended with [0-9]+: "):
        copy_changes(machine, "127.0.0.1", since=since, checksum=False, timeout=30)


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


@pytest.mark.parametrize(
    ("greeting", "problem"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", ""),
        (b"HTTP/1.1 400 Bad Request\r\n", "is no SSH server"),
        (b"", "is no SSH server"),
    ],
)
def test_preflight_learns_whether_the_ssh_server_responds(tmp_path: Path, greeting: bytes, problem: str) -> None:
    machine = Machine(layout=Layout(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
        port = server.getsockname()[1]
        machine.replication = {"source_app_address": "127.0.0.1", "source_app_ssh_port": port}

        def greet() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(greeting)

        pool.submit(greet)
        found = find_server_problem(machine)
    assert problem in found if problem else not found
    assert f"no SSH server responds at 127.0.0.1:{port}" in find_server_problem(machine)
