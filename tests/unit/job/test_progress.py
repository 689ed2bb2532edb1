"""The output always shows the current phase and the next one."""

import re
from io import StringIO

import pytest
from rich.console import Console

from rehearsal.job.progress import Progress
from tests.waiting import wait_until


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


@pytest.mark.parametrize("width", [200, 60, 30])
def test_nothing_is_cut_off_on_a_narrow_terminal(width: int) -> None:
    written = StringIO()
    progress = Progress(["deploy the replication", "migrate"], Console(file=written, width=width, force_terminal=True))
    with progress.show_phase("deploy the replication"):
        progress.show_detail("ReplicationStack: PrepareTargetDatabaseRun19814A1C (61 ready)")
        wait_until(lambda: "61" in written.getvalue(), "the detail is shown")

    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\s", "", written.getvalue())
    assert "ReplicationStack:PrepareTargetDatabaseRun19814A1C(61ready)" in shown
    assert "(next:migrate)" in shown
    assert "…" not in shown
