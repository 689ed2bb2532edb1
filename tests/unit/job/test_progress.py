"""The output always shows the current phase and the next one."""

from io import StringIO

import pytest
from rich.console import Console

from rehearsal.job.progress import Progress


def test_a_phase_is_shown_with_the_next_one_and_timed() -> None:
    output = StringIO()
    progress = Progress(["boot", "migrate"], Console(file=output, force_terminal=False, width=200))
    with progress.show_phase("boot"):
        progress.show_detail("machine 1")
    with pytest.raises(RuntimeError), progress.show_phase("migrate"):
        raise RuntimeError
    shown = output.getvalue()
    assert "boot …   (next: migrate)" in shown
    assert "machine 1" in shown
    assert "migrate: failed" in shown
    assert [phase.name for phase in progress.finished] == ["boot", "migrate"]


def test_an_undeclared_phase_is_rejected() -> None:
    with pytest.raises(ValueError, match="surprise"), Progress(["boot"]).show_phase("surprise"):
        pass
