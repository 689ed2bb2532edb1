"""A process is killed by a handle, and only while it is the one that was meant."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.world.leaders import kill_inside

NETWORK = Path("/proc/self/ns/net").stat().st_ino


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as started:
        yield started
        started.kill()


def test_a_process_in_the_network_is_killed(process: subprocess.Popen[bytes]) -> None:
    assert kill_inside(process.pid, NETWORK)
    assert process.wait(10) == -signal.SIGKILL


@pytest.mark.parametrize("network", [NETWORK + 1, None])
def test_a_process_that_got_the_number_later_lives_on(process: subprocess.Popen[bytes], network: int | None) -> None:
    assert not kill_inside(process.pid, network)
    assert process.poll() is None


def test_the_number_of_an_ended_process_is_signalled_to_nobody(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(10)
    assert not kill_inside(process.pid, NETWORK)


def count_handles() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_no_handle_stays_open(process: subprocess.Popen[bytes]) -> None:
    before = count_handles()
    kill_inside(process.pid, None)
    kill_inside(process.pid, NETWORK)
    assert count_handles() == before
