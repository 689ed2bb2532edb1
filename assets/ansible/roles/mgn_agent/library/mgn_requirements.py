#!/usr/bin/python3
"""Check whether this machine can run the replication agent of AWS MGN. The module changes nothing, and names every problem at once.

Sources: https://docs.aws.amazon.com/mgn/latest/ug/installation-requirements.html, .../Supported-Operating-Systems.html and
.../Troubleshooting-Agent-Issues.html.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterable
from pathlib import Path

DOCUMENTATION = """
module: mgn_requirements
short_description: check whether this machine can run the replication agent of AWS MGN
options:
  check: {type: str, choices: [machine, compiler], required: true, description: machine before any change, compiler after the tools are installed}
  endpoints: {type: list, elements: str, default: [], description: host names that the installer must reach on TCP 443}
  installer: {type: str, default: "", description: path to which the role downloads the installer}
  temporary_folder: {type: str, default: /tmp, description: where the installer unpacks itself}
"""

SUPPORTED = {"debian": ("11",), "ubuntu": ("22.04", "24.04")}
"""systems of AWS's list that these playbooks support too; as of 2026-11"""
UNCERTAIN = {"debian": ("12",)}
"""systems that are on one page of AWS and not on another"""
ROOT_BYTES = 2 * 1024**3
TEMPORARY_BYTES = 500 * 1000**2
CONNECT_SECONDS = 10.0
TOOLS = ("make", "gcc", "perl")
"""The installer installs what else it needs."""


def find_agents(root: Path, installer: str) -> list[str]:
    """Return a sentence for each agent that excludes the one of MGN. Its installer stops beside them, and a server has one replication.

    `installer`: the one that this role downloads, below `root`. Where it is, what an earlier run left may be incomplete, but is MGN's.
    """
    found = []
    if (root / "var/lib/cloudendure").exists():
        found.append(
            "the agent of CloudEndure is installed (/var/lib/cloudendure): uninstall it; this ends the replication of CloudEndure for this server"
        )
    if any(line.startswith("CE_AgentDriver ") for line in _read(root / "proc/modules").splitlines()):
        found.append(
            "the driver CE_AgentDriver of CloudEndure or AWS DRS is loaded: uninstall that agent, then run rmmod CE_AgentDriver"
        )
    if (root / "var/lib/aws-replication-agent").exists() and not (
        installer and (root / installer.lstrip("/")).exists()
    ):
        found.append(
            "an agent of AWS DRS or AWS MGN that this playbook did not install is there (/var/lib/aws-replication-agent): "
            "disconnect the server in that service, which uninstalls the agent, or uninstall it here"
        )
    return found


def check_system(root: Path, kernel: str, processor: str) -> tuple[list[str], list[str]]:
    """Return problems and warnings of operating system, kernel and processor."""
    facts = dict(line.split("=", 1) for line in _read(root / "etc/os-release").splitlines() if "=" in line)
    name, version = (facts.get(key, "").strip("\"'") for key in ("ID", "VERSION_ID"))
    problems, warnings = [], []
    if version in UNCERTAIN.get(name, ()):
        warnings.append(f"the pages of AWS disagree whether MGN supports {name} {version}: test a launch early")
    elif version not in SUPPORTED.get(name, ()):
        listed = ", ".join(f"{name} {version}" for name, versions in SUPPORTED.items() for version in versions)
        problems.append(
            f"the system is {name or 'unknown'} {version}, and MGN supports {listed}: upgrade it before the migration"
        )
    if processor != "x86_64":
        problems.append(f"the processor is {processor}, and the agent is made for x86_64")
    if kernel.startswith("4.9.256") or kernel.endswith("-azure"):
        problems.append(f"the agent does not support the kernel {kernel}: start another one")
    return problems, warnings


def check_space(root: Path, temporary: Path) -> list[str]:
    """Return problems of free space, and of a temporary folder from which no program can start."""
    problems = []
    for path, needed in ((root, ROOT_BYTES), (temporary, TEMPORARY_BYTES)):
        free = shutil.disk_usage(path).free
        if free < needed:
            problems.append(f"{path} has {free // 1000**2} MB free, and the installer needs {needed // 1000**2} MB")
    if os.statvfs(temporary).f_flag & os.ST_NOEXEC:
        problems.append(
            f"{temporary} is mounted noexec: set mgn_temporary_folder to a folder in which programs can start"
        )
    return problems


def check_endpoints(endpoints: Iterable[str], port: int = 443) -> list[str]:
    """Return a sentence for each host to which no connection opens."""
    problems = []
    for host in endpoints:
        try:
            socket.create_connection((host, port), timeout=CONNECT_SECONDS).close()
        except OSError as error:
            problems.append(
                f"no connection to {host} on TCP {port} ({error}): allow it in the firewall and the security group"
            )
    return problems


def check_compiler(root: Path, kernel: str) -> list[str]:
    """Return problems of the tools and of the headers of the running kernel."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    problems = [f"missing: {', '.join(missing)}: apt-get install {' '.join(missing)}"] if missing else []
    headers = root / "usr/src" / f"linux-headers-{kernel}"
    if headers.is_symlink():
        problems.append(
            f"{headers} is a symbolic link, which the installer does not accept: remove it and install the package"
        )
    elif not (root / "lib/modules" / kernel / "build/Makefile").is_file():
        problems.append(
            f"the headers of the running kernel {kernel} are missing: apt-get install linux-headers-{kernel}; "
            "if the package no longer exists, restart into the newest kernel first"
        )
    return problems


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def main() -> None:
    """Run the module. It fails with all problems in one sentence."""
    from ansible.module_utils.basic import AnsibleModule  # type: ignore[import-not-found]  # tests import the rest without Ansible

    module = AnsibleModule(
        argument_spec={
            "check": {"type": "str", "required": True, "choices": ["machine", "compiler"]},
            "endpoints": {"type": "list", "elements": "str", "default": []},
            "installer": {"type": "str", "default": ""},
            "temporary_folder": {"type": "str", "default": "/tmp"},
        },
        supports_check_mode=True,
    )
    root, kernel = Path("/"), os.uname().release
    if module.params["check"] == "compiler":
        problems = check_compiler(root, kernel)
    else:
        problems, warnings = check_system(root, kernel, os.uname().machine)
        problems = [
            *find_agents(root, module.params["installer"]),
            *problems,
            *check_space(root, Path(module.params["temporary_folder"])),
            *check_endpoints(module.params["endpoints"]),
        ]
        for warning in warnings:
            module.warn(warning)
    if problems:
        module.fail_json(
            msg=f"the replication agent of AWS MGN cannot be installed on {os.uname().nodename}: {'; '.join(problems)}. "
            "The agent was not installed. Correct this, then run the playbook again."
        )
    module.exit_json(changed=False, kernel=kernel)


if __name__ == "__main__":
    main()
