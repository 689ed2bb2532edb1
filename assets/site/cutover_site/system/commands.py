"""Run programs with a time limit and without a shell."""

from __future__ import annotations

import logging
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cutover_site.errors import CommandFailed

LOG = logging.getLogger(__name__)
MAX_COMMAND_CHARACTERS = 100
"""of a command in an error message"""


def run(
    *command: str,
    timeout: float = 60,
    environment: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
    accept: Sequence[int] = (0,),
    folder: Path | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run a program. Return its output and exit code. Raises CommandFailed with the end of its standard error.

    `timeout` in seconds; `environment` replaces the whole environment; `accept`: exit codes that are no failure. Arguments are logged, so
    they must not contain a secret.
    """
    LOG.info("run: %s", " ".join(command))
    try:
        done = subprocess.run(
            command, input=stdin, env=environment, timeout=timeout, cwd=folder, capture_output=True, check=False
        )
    except FileNotFoundError as error:
        raise CommandFailed(f"{command[0]} is not installed", next_action="run the Ansible playbook again") from error
    except subprocess.TimeoutExpired as error:
        raise CommandFailed(f"{_shorten(command)} did not end within {timeout:.0f} s") from error
    if done.returncode not in accept:
        message = done.stderr.decode(errors="replace").strip()[-800:]
        raise CommandFailed(f"{_shorten(command)} ended with {done.returncode}: {message}")
    return done


def iterate_lines(*command: str, pass_fds: Sequence[int] = ()) -> Iterator[bytes]:
    """Run a program. Yield the lines of its standard output as they come, without line ends. Raises CommandFailed at the end when it failed.

    `pass_fds`: open files that the program inherits with their numbers.
    """
    LOG.info("run: %s", " ".join(command))
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, pass_fds=pass_fds)
        except FileNotFoundError as error:
            raise CommandFailed(
                f"{command[0]} is not installed", next_action="run the Ansible playbook again"
            ) from error
        with process:
            assert process.stdout is not None
            for line in process.stdout:
                yield line.rstrip(b"\r\n")
        if process.returncode:
            errors.seek(0)
            message = errors.read().decode(errors="replace").strip()[-800:]
            raise CommandFailed(f"{_shorten(command)} ended with {process.returncode}: {message}")


def _shorten(command: Sequence[str]) -> str:
    """Return the command, shortened so that the program's own message stays visible when a reason is cut."""
    words = " ".join(command)
    return words if len(words) <= MAX_COMMAND_CHARACTERS else f"{words[:MAX_COMMAND_CHARACTERS]}…"


def read_output(*command: str, timeout: float = 60, environment: Mapping[str, str] | None = None) -> str:
    """Run a program. Return its standard output, decoded and stripped."""
    return run(*command, timeout=timeout, environment=environment).stdout.decode(errors="replace").strip()


def read_output_as(uid: int, gid: int, *command: str, timeout: float = 60) -> str:
    """Run a program of this user as this user, with an empty environment. Return its standard output, decoded and stripped. Raises CommandFailed."""
    LOG.info("run as %d: %s", uid, " ".join(command))
    owner: dict[str, Any] = {"user": uid, "group": gid, "extra_groups": ()} if os.geteuid() == 0 else {}
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/", "USER": "nobody", "LC_ALL": "C"}
    try:
        done: subprocess.CompletedProcess[bytes] = subprocess.run(
            command, env=environment, cwd="/", timeout=timeout, capture_output=True, check=False, **owner
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandFailed(f"{_shorten(command)} could not be run: {error}") from error
    if done.returncode:
        raise CommandFailed(f"{_shorten(command)} ended with {done.returncode}")
    return done.stdout.decode(errors="replace").strip()
