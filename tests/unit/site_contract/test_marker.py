"""The playbook creates the table to which the freeze writes. tests/rehearsal/site tests it with real servers."""

from __future__ import annotations

import re

from cutover_site.layout import MARKER_SCHEMA

from tests.rehearsal.marker import render_marker_table


def test_the_table_has_the_name_and_the_columns_that_the_freeze_writes() -> None:
    found = re.fullmatch(r"CREATE TABLE IF NOT EXISTS (\S+) \((.*)\) ENGINE=InnoDB .*", render_marker_table())
    assert found is not None
    assert found[1] == f"{MARKER_SCHEMA}.marker"
    assert [column.split()[0] for column in found[2].split(", ")] == ["run_id", "written_unix"]
    assert "run_id VARCHAR(64) NOT NULL PRIMARY KEY" in found[2]
