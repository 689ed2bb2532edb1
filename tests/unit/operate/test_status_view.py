"""The view of a status: it fits its terminal and loses nothing."""

from __future__ import annotations

import pytest

from operate.output import Output
from operate.status_view import build_live_view, build_view, select_phases
from tests.unit.operate.consoles import create_terminal, read_screen
from tests.unit.operate.sites import RUN, read_during


@pytest.mark.parametrize("width", [60, 100])
def test_the_view_fits_its_terminal_and_loses_nothing(width: int) -> None:
    status = read_during("delta")
    output = create_terminal(width)
    output.print(build_view(status))

    lines = read_screen(output)
    assert max(len(line.rstrip()) for line in lines) <= width
    text = " ".join(" ".join(lines).split())
    for word in (
        RUN,
        "Freeze",
        "Stand by",
        "writes are held",
        "You may",
        "cutover rollback",
        *status.next_step.split(),
    ):
        assert word in text, word


@pytest.mark.parametrize("height", [24, 30, 60])
def test_the_live_view_fits_the_height_of_its_terminal_and_shows_the_phase_that_runs(height: int) -> None:
    status = read_during("verify-files")
    output = create_terminal(60, height=height)
    output.print(build_live_view(status, output.console))

    lines = read_screen(output)
    assert len(lines) <= height
    text = "\n".join(lines)
    assert "You may" in text
    assert "Verify" in text


def test_the_phases_of_a_low_terminal_are_those_around_the_one_that_runs() -> None:
    phases = read_during("freeze-database").phases
    (running,) = [number for number, phase in enumerate(phases) if phase.state == "now"]

    assert phases[running] in select_phases(phases, 3)
    assert len(select_phases(phases, 3)) == 3
    assert select_phases(phases, 100) == phases
    assert select_phases(phases, 0) == []
    assert select_phases([], 5) == []


def test_a_file_gets_lines_that_are_not_wrapped(capsys: pytest.CaptureFixture[str]) -> None:
    status = read_during("delta")
    Output().print(build_view(status))

    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("serves     reads by the source") and line.endswith("Z") for line in lines)
    assert not any(line != line.rstrip() for line in lines)
