"""Concurrent freezes of one file system wait for each other: snapshots of the console, of a checkpoint and of an image."""

import errno
import fcntl
import threading
from pathlib import Path

import pytest

from rehearsal.world import reflink


def test_a_second_freeze_waits_for_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a kernel that rejects the freeze of a frozen file system, as the real one does
    is_frozen, done = threading.Event(), threading.Event()

    def ioctl(_handle: int, request: int, _argument: int) -> None:
        if request == reflink.FITHAW:
            is_frozen.clear()
        elif is_frozen.is_set():
            raise OSError(errno.EBUSY, "Device or resource busy")
        else:
            is_frozen.set()

    monkeypatch.setattr(fcntl, "ioctl", ioctl)

    def second() -> None:
        with reflink.frozen(tmp_path):
            done.set()

    # When a second freeze starts while the file system is frozen
    other = threading.Thread(target=second)
    with reflink.frozen(tmp_path):
        other.start()
        assert not done.wait(0.3)
    # Then it succeeds after the first one ended
    other.join(10)
    assert done.is_set()
