"""The picture of a run's output: the lines that matter, in their time, without script."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from tests.pictures.record import Line, read_lines
from tests.pictures.terminal import render_terminal, select_lines

OUTPUT = """\
100.000\t[00:00] start the local AWS …   (next: cdk deploy SourceStack)
115.000\t[00:15]   still: start the local AWS, starting
149.500\t[00:49] start the local AWS: done in 49.5 s
150.000\t[00:50]   still: SourceStack:
150.000\tGogsServer (38 ready)
160.000\t[01:00]   MigrationStack: Freeze database
170.000\toutcome                 migrated
170.000\tcompared                3 rows in <2> tables
170.000\t                        and more
170.000\t  window: freeze        3.82 s
170.000\tgoal: window            8.42 s (aim: at most 2 s), goal missed
171.000\tthe report: /home/me/cutover/.rehearsal/report.html
"""


def read(tmp_path: Path) -> list[Line]:
    (tmp_path / "output.txt").write_text(OUTPUT)
    return select_lines(read_lines(tmp_path / "output.txt"))


def test_phases_window_and_summary_are_kept_with_their_times(tmp_path: Path) -> None:
    assert [(one.time, one.text.strip()) for one in read(tmp_path)] == [
        (49.5, "[00:49] start the local AWS: done in 49.5 s"),
        (60.0, "[01:00]   MigrationStack: Freeze database"),
        (70.0, "outcome                 migrated"),
        (70.0, "compared                3 rows in <2> tables"),
        (70.0, "and more"),
        (70.0, "goal: window            8.42 s (aim: at most 2 s), goal missed"),
        (71.0, "the report: .rehearsal/report.html"),
    ]


def test_the_picture_is_xml_without_script_and_without_anything_from_elsewhere(tmp_path: Path) -> None:
    picture = render_terminal("make rehearse", read(tmp_path))

    root = ElementTree.fromstring(picture)
    assert "3 rows in <2> tables" in "".join(root.itertext())
    assert "script" not in picture
    assert picture.count("http") == 1  # the name space
    assert '<tspan class="bad">goal missed</tspan>' in picture
