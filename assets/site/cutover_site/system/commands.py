"""Runs programs, each with an end, without a shell."""

from __future__ import annotations

import logging
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cutover_site.errors import CommandFailed

LOG = logging.getLogger(__name__)
MOST_TOLD = 100
"""characters of a command, in an error"""


def run(
    *command: str,
    timeout: float = 60,
    environment: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
    accept: Sequence[int] = (0,),
    folder: Path | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """What the program answered. Raises CommandFailed with the end of its standard error.

    `timeout` in seconds; `environment` replaces the whole environment. Arguments never carry a secret: they are logged.
    """
    LOG.info("run: %s", " ".join(command))
    try:
        done = subprocess.run(
            command, input=stdin, env=environment, timeout=timeout, cwd=folder, capture_output=True, check=False
        )
    except FileNotFoundError as error:
        raise CommandFailed(f"{command[0]} is not installed", next_action="run the Ansible playbook again") from error
    except subprocess.TimeoutExpired as error:
        raise CommandFailed(f"{_told(command)} did not end within {timeout:.0f} s") from error
    if done.returncode not in accept:
        said = done.stderr.decode(errors="replace").strip()[-800:]
        raise CommandFailed(f"{_told(command)} ended with {done.returncode}: {said}")
    return done


def lines(*command: str) -> Iterator[bytes]:
    """Standard output as it comes, line by line, without line ends. Raises CommandFailed, after the last one, when the program failed."""
    LOG.info("run: %s", " ".join(command))
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
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
            said = errors.read().decode(errors="replace").strip()[-800:]
            raise CommandFailed(f"{_told(command)} ended with {process.returncode}: {said}")


def _told(command: Sequence[str]) -> str:
    """Short enough that what the program said is read too, wherever the reason is cut."""
    words = " ".join(command)
    return words if len(words) <= MOST_TOLD else f"{words[:MOST_TOLD]}…"


def text(*command: str, timeout: float = 60, environment: Mapping[str, str] | None = None) -> str:
    """Standard output, decoded and stripped."""
    return run(*command, timeout=timeout, environment=environment).stdout.decode(errors="replace").strip()
