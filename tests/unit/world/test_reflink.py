"""Two who freeze one file system at a time take turns: the console's snapshots, and those of a checkpoint or an image."""

import errno
import fcntl
import threading
from pathlib import Path

import pytest

from rehearsal.world import reflink


def test_the_second_waits_for_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a kernel that refuses to freeze what is frozen, as it does
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

    # When a second one comes while it is frozen
    other = threading.Thread(target=second)
    with reflink.frozen(tmp_path):
        other.start()
        assert not done.wait(0.3)
    # Then it gets its turn afterwards
    other.join(10)
    assert done.is_set()
