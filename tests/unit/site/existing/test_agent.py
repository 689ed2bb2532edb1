"""What the agents of the providers require of a server, before one is installed."""

from __future__ import annotations

import os

import pytest
from cutover_site.existing.agent import check_agent, check_kernel
from cutover_site.existing.findings import STOPS, WARNING
from cutover_site.providers import REQUIREMENTS

from tests.unit.site.existing.server import Server

MGN, CLOUDENDURE = REQUIREMENTS["mgn"], REQUIREMENTS["cloudendure"]
KERNEL = os.uname().release


@pytest.fixture
def ready(server: Server) -> Server:
    """Return a server that meets the requirements of AWS MGN."""
    server.write("etc/os-release", 'ID=ubuntu\nVERSION_ID="22.04"\n')
    server.write(f"lib/modules/{KERNEL}/build/Makefile", "")
    server.write("proc/modules", "ext4 1 0 - Live 0x0\n")
    (server.root / "tmp").mkdir()
    return server


def checks(server: Server, kind: str = "mgn") -> list[tuple[str, str]]:
    free = {**REQUIREMENTS[kind].free_bytes, **({"/": 1, "/tmp": 1} if kind == "mgn" else {})}
    requirements = REQUIREMENTS[kind]._replace(free_bytes=free, processors=(os.uname().machine,))
    return [(found.check, found.level) for found in check_agent(server.host, requirements)]


def test_a_server_that_meets_everything_has_no_finding(ready: Server) -> None:
    assert checks(ready) == []


@pytest.mark.parametrize(
    ("kind", "path", "text"),
    [
        ("mgn", "var/lib/cloudendure/agent", ""),
        ("mgn", "var/lib/aws-replication-agent/agent.log.0", ""),
        ("mgn", "proc/modules", "CE_AgentDriver 28672 2 - Live 0x0\n"),
        ("cloudendure", "var/lib/aws-replication-agent/agent.log.0", ""),
    ],
)
def test_an_agent_of_another_service_is_in_the_way(ready: Server, kind: str, path: str, text: str) -> None:
    ready.write(path, text)
    assert ("agent-in-the-way", STOPS) in checks(ready, kind)


def test_the_agent_that_the_playbook_installed_is_not_in_the_way(ready: Server) -> None:
    ready.write("var/lib/aws-replication-agent/agent.log.0", "")
    ready.write("opt/cutover/downloads/mgn-agent/aws-replication-installer-init", "")
    assert checks(ready) == []


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ('ID=centos\nVERSION_ID="7"\n', STOPS),
        ('ID=debian\nVERSION_ID="10"\n', STOPS),
        ('ID=debian\nVERSION_ID="12"\n', WARNING),
        ("", STOPS),
    ],
)
def test_another_operating_system_is_reported(ready: Server, text: str, level: str) -> None:
    ready.write("etc/os-release", text)
    assert checks(ready) == [("operating-system", level)]


@pytest.mark.parametrize(
    ("kernel", "processor", "check"),
    [("4.9.256-1", "x86_64", "kernel"), ("6.8.0-1021-azure", "x86_64", "kernel"), ("6.1.0-1", "aarch64", "processor")],
)
def test_a_kernel_or_processor_without_an_agent_is_reported(
    server: Server, kernel: str, processor: str, check: str
) -> None:
    assert check in [found.check for found in check_kernel(server.host, MGN, kernel, processor)]


def test_missing_headers_are_a_warning_and_linked_headers_stop(server: Server) -> None:
    (missing,) = check_kernel(server.host, MGN, "6.1.0-1", "x86_64")
    (server.root / "usr/src").mkdir(parents=True)
    (server.root / "usr/src/linux-headers-6.1.0-1").symlink_to("/opt/headers")
    (linked,) = check_kernel(server.host, MGN, "6.1.0-1", "x86_64")
    assert (missing.level, linked.level) == (WARNING, STOPS)
    assert list(check_kernel(server.host, CLOUDENDURE, "6.1.0-1", "x86_64")) == []


def test_too_little_space_names_the_folder_and_the_amount(ready: Server) -> None:
    requirements = MGN._replace(free_bytes={"/tmp": 2**60}, processors=(os.uname().machine,))
    (found,) = check_agent(ready.host, requirements)
    assert found.what.startswith("/tmp has ")
    assert f"{2**60 // 1000**2} MB" in found.what
