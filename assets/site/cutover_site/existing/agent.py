"""Check whether the provider's agent can be installed: other agents in the way, operating system, kernel with its headers, free space."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

from cutover_site.existing.findings import Finding, stop, warn
from cutover_site.existing.host import Host
from cutover_site.providers import Requirements


def check_agent(host: Host, requirements: Requirements) -> Iterator[Finding]:
    """Yield a finding for each requirement of the provider that this machine does not meet."""
    yield from _check_foreign_agents(host, requirements)
    yield from _check_system(host, requirements)
    kernel, processor = os.uname().release, os.uname().machine
    yield from check_kernel(host, requirements, kernel, processor)
    for folder, needed in requirements.free_bytes.items():
        free = shutil.disk_usage(host.find(folder)).free
        if free < needed:
            yield stop(
                "agent-space",
                f"{folder} has {free // 1000**2} MB free, and the agent of {requirements.name} needs {needed // 1000**2} MB",
                f"free space in {folder}",
            )


def _check_foreign_agents(host: Host, requirements: Requirements) -> Iterator[Finding]:
    modules = {line.split(" ", 1)[0] for line in host.read("proc/modules").splitlines()}
    for agent in requirements.foreign_agents:
        is_own = bool(agent.own_record) and host.find(agent.own_record).exists()
        has_path = bool(agent.path) and host.find(agent.path).exists()
        if (has_path and not is_own) or agent.module in modules:
            yield stop("agent-in-the-way", agent.name, agent.action)


def _check_system(host: Host, requirements: Requirements) -> Iterator[Finding]:
    facts = dict(line.split("=", 1) for line in host.read("etc/os-release").splitlines() if "=" in line)
    name, version = (facts.get(key, "").strip("\"'") for key in ("ID", "VERSION_ID"))
    listed = ", ".join(f"{system} {one}" for system, versions in requirements.systems.items() for one in versions)
    if version in requirements.uncertain.get(name, ()):
        yield warn(
            "operating-system",
            f"the pages of the provider disagree whether {requirements.name} supports {name} {version}",
            "test a launch early",
        )
    elif version not in requirements.systems.get(name, ()):
        yield stop(
            "operating-system",
            f"the system is {name or 'unknown'} {version}; a migration with {requirements.name} supports {listed}",
            "upgrade the system before the migration",
        )


def check_kernel(host: Host, requirements: Requirements, kernel: str, processor: str) -> Iterator[Finding]:
    """Yield findings about the running kernel and the processor."""
    if processor not in requirements.processors:
        yield stop(
            "processor",
            f"the processor is {processor}, and the agent is made for {', '.join(requirements.processors)}",
            "move this server by another way",
        )
    begins, ends = requirements.kernels_refused
    if kernel.startswith(begins) or kernel.endswith(ends):
        yield stop("kernel", f"the agent does not support the kernel {kernel}", "start another kernel")
    if not requirements.needs_headers:
        return
    headers = host.find(f"usr/src/linux-headers-{kernel}")
    if headers.is_symlink():
        yield stop(
            "kernel-headers",
            f"/usr/src/linux-headers-{kernel} is a symbolic link, which the agent's installer does not accept",
            "remove the link and install the package",
        )
    elif not host.find(f"lib/modules/{kernel}/build/Makefile").is_file():
        # The playbook installs them; where the package no longer exists, it stops.
        yield warn(
            "kernel-headers",
            f"the headers of the running kernel {kernel} are not installed",
            f"check that the package exists (apt-cache policy linux-headers-{kernel}); if it does not, restart into the newest kernel first",
        )
