"""The role that installs the agent of AWS MGN: what it checks before it runs the installer."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from jinja2 import Template

from tests.unit.provisioning.mgn_agent import INSTALLER, ROLE, load, requirements, write

KERNEL = "6.8.0-1018-aws"


@pytest.fixture
def find_domain(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the lookup `aws_domain`, without Ansible."""
    base = SimpleNamespace(LookupBase=type("LookupBase", (), {"set_options": lambda *_args, **_options: None}))
    errors = SimpleNamespace(AnsibleError=type("AnsibleError", (Exception,), {}))
    for name, module in {"ansible": SimpleNamespace(), "ansible.errors": errors, "ansible.plugins": SimpleNamespace(), "ansible.plugins.lookup": base}.items():  # fmt: skip
        monkeypatch.setitem(sys.modules, name, module)
    return load("aws_domain", ROLE.parents[1] / "lookup_plugins").LookupModule().run


@pytest.mark.parametrize(
    ("region", "domain"),
    [
        ("eu-central-1", "amazonaws.com"),
        ("us-gov-west-1", "amazonaws.com"),
        ("cn-north-1", "amazonaws.com.cn"),
        ("eusc-de-east-1", "amazonaws.eu"),
    ],
)
def test_the_hosts_of_mgn_are_in_the_domain_of_the_partition(find_domain: Any, region: str, domain: str) -> None:
    def lookup(name: str, term: str) -> str:
        assert name == "aws_domain"
        return str(find_domain([term])[0])

    values: dict[str, Any] = {"aws_region": region, "lookup": lookup}
    for key, value in yaml.safe_load((ROLE / "defaults/main.yml").read_text()).items():
        texts = value if isinstance(value, list) else [value]
        rendered = [Template(text).render(values) if isinstance(text, str) else text for text in texts]
        values[key] = rendered if isinstance(value, list) else rendered[0]

    bucket = f"aws-application-migration-service-{region}.s3.{region}.{domain}"
    digests = f"aws-application-migration-service-hashes-{region}.s3.{region}.{domain}"
    assert values["mgn_endpoints"] == [f"mgn.{region}.{domain}", bucket, digests]
    assert values["mgn_installer_url"].startswith(f"https://{bucket}/")
    assert values["mgn_digest_url"].startswith(f"https://{digests}/")


@pytest.mark.parametrize(
    ("path", "text", "named"),
    [
        ("var/lib/cloudendure/agent.log", "", "the agent of CloudEndure is installed"),
        ("proc/modules", "nfs 1 0 - Live 0x0\nCE_AgentDriver 99 1 - Live 0x0\n", "rmmod CE_AgentDriver"),
        ("var/lib/aws-replication-agent/agent.log.0", "", "an agent of AWS DRS or AWS MGN that this playbook did not install"),
    ],
)  # fmt: skip
def test_another_agent_is_named_as_the_obstacle(tmp_path: Path, path: str, text: str, named: str) -> None:
    assert requirements.find_agents(tmp_path, INSTALLER) == []
    write(tmp_path / path, text)

    (problem,) = requirements.find_agents(tmp_path, INSTALLER)
    assert named in problem


def test_what_a_failed_run_of_the_role_left_is_no_obstacle(tmp_path: Path) -> None:
    write(tmp_path / "var/lib/aws-replication-agent/agent.config")
    write(tmp_path / INSTALLER)
    assert requirements.find_agents(tmp_path, f"/{INSTALLER}") == []


@pytest.mark.parametrize(
    ("name", "version", "problems", "warnings"),
    [
        ("ubuntu", "24.04", 0, 0),
        ("debian", "11", 0, 0),
        ("debian", "12", 0, 1),
        ("debian", "13", 1, 0),
        ("fedora", "43", 1, 0),
    ],
)
def test_a_system_that_mgn_does_not_list_is_a_problem(
    tmp_path: Path, name: str, version: str, problems: int, warnings: int
) -> None:
    write(tmp_path / "etc/os-release", f'PRETTY_NAME="A = B"\nID={name}\nVERSION_ID="{version}"\n')
    found = requirements.check_system(tmp_path, KERNEL, "x86_64")
    assert [len(part) for part in found] == [problems, warnings]
    assert all(f"{name} {version}" in text for part in found for text in part)


@pytest.mark.parametrize(
    ("kernel", "processor"), [("4.9.256-1", "x86_64"), ("6.8.0-azure", "x86_64"), (KERNEL, "aarch64")]
)
def test_a_kernel_or_processor_without_an_agent_is_a_problem(tmp_path: Path, kernel: str, processor: str) -> None:
    write(tmp_path / "etc/os-release", "ID=debian\nVERSION_ID=11\n")
    problems, _ = requirements.check_system(tmp_path, kernel, processor)
    assert len(problems) == 1


def test_too_little_space_and_a_folder_without_execution_are_problems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requirements.shutil, "disk_usage", lambda _path: SimpleNamespace(free=400 * 1000**2))
    monkeypatch.setattr(requirements.os, "statvfs", lambda _path: SimpleNamespace(f_flag=os.ST_NOEXEC))

    root, temporary, execution = requirements.check_space(tmp_path, tmp_path / "tmp")
    assert "has 400 MB free, and the installer needs 2147 MB" in root
    assert "tmp has 400 MB free, and the installer needs 500 MB" in temporary
    assert "noexec" in execution


@pytest.fixture
def port() -> Iterator[int]:
    """A port on which a server listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_only_an_endpoint_that_refuses_a_connection_is_a_problem(port: int) -> None:
    assert requirements.check_endpoints(["127.0.0.1"], port) == []
    (problem,) = requirements.check_endpoints(["127.0.0.1", "127.0.0.2"], port)
    assert f"no connection to 127.0.0.2 on TCP {port}" in problem


def test_headers_of_another_kernel_are_not_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements.shutil, "which", lambda tool: tool)
    write(tmp_path / "lib/modules/6.8.0-1017-aws/build/Makefile")

    (problem,) = requirements.check_compiler(tmp_path, KERNEL)
    assert f"apt-get install linux-headers-{KERNEL}" in problem

    write(tmp_path / f"lib/modules/{KERNEL}/build/Makefile")
    assert requirements.check_compiler(tmp_path, KERNEL) == []


def test_headers_that_are_a_symbolic_link_are_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements.shutil, "which", lambda tool: tool)
    write(tmp_path / f"lib/modules/{KERNEL}/build/Makefile")
    (tmp_path / "usr/src").mkdir(parents=True)
    (tmp_path / f"usr/src/linux-headers-{KERNEL}").symlink_to(tmp_path / "elsewhere")

    (problem,) = requirements.check_compiler(tmp_path, KERNEL)
    assert "symbolic link" in problem


def test_every_missing_tool_is_named_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements.shutil, "which", lambda tool: None if tool in ("gcc", "make") else tool)
    assert "missing: make, gcc: apt-get install make gcc" in requirements.check_compiler(tmp_path, KERNEL)


def test_the_role_checks_the_machine_before_it_changes_anything() -> None:
    tasks: list[dict[str, Any]] = yaml.safe_load((ROLE / "tasks/main.yml").read_text())
    kinds = [next(key for key in task if key not in ("name", "register", "when")) for task in tasks]
    assert kinds[:2] == ["ansible.builtin.stat", "mgn_requirements"]
    assert "mgn_requirements" not in kinds[2:]


def test_the_installer_is_verified_before_it_runs() -> None:
    tasks: list[dict[str, Any]] = yaml.safe_load((ROLE / "tasks/agent.yml").read_text())
    names = [next(key for key in task if key in ("ansible.builtin.get_url", "mgn_agent")) for task in tasks if {"ansible.builtin.get_url", "mgn_agent"} & task.keys()]  # fmt: skip
    assert names == ["ansible.builtin.get_url", "mgn_agent"]
    (download,) = (task["ansible.builtin.get_url"] for task in tasks if "ansible.builtin.get_url" in task)
    assert download["checksum"].startswith("sha512:{{ digest.content")
