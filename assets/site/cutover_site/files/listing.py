"""Request the source's list of changed paths: from a program that starts at the request, or from one that has started before."""

from __future__ import annotations

import logging
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cutover_site.errors import CommandFailed
from cutover_site.files.changes import CLOCK_WAS_SET, REQUEST, ClockWasSet, Moment
from cutover_site.system.commands import run

LOG = logging.getLogger(__name__)
LIMIT_SECONDS = 600
"""for the search through the whole tree"""


@dataclass(frozen=True)
class Source:
    """How to run the source's permitted program (`cutover-delta`)."""

    shell: str
    """the ssh command of the replica"""
    user_at_host: str

    def build_command(self, request: str) -> list[str]:
        """Return the words of the command that sends a request."""
        return [*shlex.split(self.shell), self.user_at_host, request]


def request_listing(source: Source, moment: Moment) -> bytes:
    """Return what the source lists as changed since the moment. Raises ClockWasSet, CommandFailed."""
    command = source.build_command(f"changes {moment}")
    done = run(*command, timeout=LIMIT_SECONDS, accept=(0, CLOCK_WAS_SET))
    _require_unchanged_clock(done.returncode)
    return done.stdout


@dataclass(frozen=True)
class PreparedListing:
    """A program on the source that waits for the request. Users do not wait for its start then, nor for that of the connection's session."""

    source: Source
    moment: Moment
    program: subprocess.Popen[bytes]

    def request(self) -> bytes:
        """Return what the source lists as changed since the moment, now. Once only. Raises ClockWasSet, CommandFailed.

        When the program has ended meanwhile, as after a loss of the connection, another one is started.
        """
        try:
            listing, errors = self.program.communicate(REQUEST, timeout=LIMIT_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise CommandFailed(
                f"the source did not list its changes within {LIMIT_SECONDS} s", next_action="deploy again"
            ) from error
        _require_unchanged_clock(self.program.returncode)
        if self.program.returncode == 0:
            return listing
        LOG.warning(
            "the program that lists changes has ended, it is started again: %s", errors.decode(errors="replace")
        )
        return request_listing(self.source, self.moment)


@contextmanager
def prepare_listing(source: Source, moment: Moment) -> Iterator[PreparedListing]:
    """Start the program on the source for the block. It ends with the block."""
    command = source.build_command(f"changes-on-request {moment}")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        try:
            yield PreparedListing(source, moment, program)
        finally:
            program.kill()  # ssh; the program on the source then reads the end of its input


def _require_unchanged_clock(returncode: int) -> None:
    """Raise ClockWasSet when the program reports it by its exit code."""
    if returncode == CLOCK_WAS_SET:
        raise ClockWasSet(
            "the source's clock was set, or it was restarted, since the files were compared",
            next_action="deploy again",
        )
