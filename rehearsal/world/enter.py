"""Commands inside a running machine, from any process of the host (SSM send_command, the console, the command line).

A command runs as a transient unit of the machine's systemd: in a control group of its own, with the environment that
services have. So a time-out ends everything that it started.
"""

from __future__ import annotations

import contextlib
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rehearsal.errors import MachineError, MachineTimeout, RehearsalError
from rehearsal.settings import Settings
from rehearsal.world.records import Machine, find, list_machines
from rehearsal.world.shell import run as run_tool

__all__ = ["Completed", "command", "enter_namespaces", "find", "list_machines", "run"]


@dataclass(frozen=True)
class Completed:
    """A command that has ended, with its output as text."""

    exit_code: int
    stdout: str
    stderr: str


def run(
    settings: Settings,
    who: str,
    words: Sequence[str],
    *,
    input: str | None = None,  # noqa: A002  the name that subprocess gives it
    env: Mapping[str, str] | None = None,
    timeout: float = 3600.0,
    cwd: str = "/root",
) -> Completed:
    """Run as root with the environment of a login (/etc/environment included). Bytes that are no UTF-8 are replaced.

    Raises MachineNotFound; MachineTimeout when the time is over, with every process that the command started ended;
    MachineError when the machine ends meanwhile.
    """
    machine = _find_running(settings, who)
    unit = f"run-{uuid.uuid4().hex}.service"
    with subprocess.Popen(
        command(machine, words, unit=unit, env=env, cwd=cwd),
        stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            output, errors = process.communicate(None if input is None else input.encode(), timeout)
        except subprocess.TimeoutExpired:
            _stop(machine, unit, process)
            raise MachineTimeout(machine.id, f"`{words[0]}` did not end within {timeout:.0f} s.") from None
        except BaseException:
            _stop(machine, unit, process)
            raise
    if process.returncode and find(settings, machine.id).leader != machine.leader:
        raise MachineError(machine.id, f"ended while `{words[0]}` ran on it.")
    return Completed(process.returncode, output.decode(errors="replace"), errors.decode(errors="replace"))


def _stop(machine: Machine, unit: str, process: subprocess.Popen[bytes]) -> None:
    """End the unit, and with it our process. Killed first, that would leave a process without a parent in the machine."""
    with contextlib.suppress(RehearsalError, subprocess.TimeoutExpired):  # the machine may be gone by now
        run_tool(*enter_namespaces(machine), "systemctl", "stop", unit, timeout=30)
        process.communicate(timeout=10)
    process.kill()


def command(
    machine: Machine,
    words: Sequence[str],
    *,
    unit: str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str = "/root",
    terminal: bool = False,
) -> list[str]:
    """Return the host command that runs `words` in the machine with the standard streams of the caller, or with a terminal."""
    variables = {"HOME": "/root", "USER": "root", "LOGNAME": "root", "SHELL": "/bin/bash", **(env or {})}
    return [
        *enter_namespaces(machine),
        "systemd-run",
        "--quiet",
        "--wait",
        "--collect",
        "--service-type=exec",
        "--pty" if terminal else "--pipe",
        f"--working-directory={cwd}",
        "--property=EnvironmentFile=-/etc/environment",
        "--property=TimeoutStopSec=5",
        *([f"--unit={unit}"] if unit else []),
        *(f"--setenv={key}={value}" for key, value in variables.items()),
        "--",
        *words,
    ]


def _find_running(settings: Settings, who: str) -> Machine:
    machine = find(settings, who)
    if machine.leader is None:
        raise MachineError(machine.id, "does not run.")
    return machine


def enter_namespaces(machine: Machine) -> list[str]:
    """Return the start of a host command that runs what follows in the machine's namespaces, in no unit of its systemd."""
    return ["nsenter", f"--target={machine.leader}", "--mount", "--uts", "--ipc", "--net", "--pid", "--"]
