"""Commands inside a running machine, from any process of the host (SSM send_command, the console, the command line)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rehearsal.settings import Settings
from rehearsal.world.machines import Machine


@dataclass(frozen=True)
class Completed:
    exit_code: int
    stdout: str
    stderr: str


def machines(settings: Settings) -> list[Machine]:
    """Every machine of the world, as recorded and checked against the kernel (a dead leader is `stopped`)."""
    raise NotImplementedError


def find(settings: Settings, who: str) -> Machine:
    """By instance id, role tag or Name tag, the running one first. Raises MachineNotFound, also when ambiguous."""
    raise NotImplementedError


def run(
    settings: Settings,
    who: str,
    command: Sequence[str],
    *,
    input: str | None = None,  # noqa: A002
    env: Mapping[str, str] | None = None,
    timeout: float = 3600.0,
    cwd: str = "/root",
) -> Completed:
    """Run as root with the environment of a login (/etc/environment included) and the machine's name space.

    Raises MachineNotFound; MachineTimeout when the time is over: every process that the command started is dead then.
    """
    raise NotImplementedError
