"""A reader always knows what happens now and what comes next."""

from io import StringIO

import pytest
from rich.console import Console

from rehearsal.job.progress import Progress


def test_phases_are_shown_with_what_comes_next_and_timed() -> None:
    output = StringIO()
    progress = Progress(["boot", "migrate"], Console(file=output, force_terminal=False, width=200))
    with progress.phase("boot"):
        progress.detail("machine 1")
    with pytest.raises(RuntimeError), progress.phase("migrate"):
        raise RuntimeError
    shown = output.getvalue()
    assert "boot …   (next: migrate)" in shown
    assert "machine 1" in shown
    assert "migrate: failed" in shown
    assert [phase.name for phase in progress.finished] == ["boot", "migrate"]


def test_a_phase_nobody_was_told_about_is_refused() -> None:
    with pytest.raises(ValueError, match="surprise"), Progress(["boot"]).phase("surprise"):
        pass
