"""The keys of rows in the output of the server's binary log tool, and their ranges."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from cutover_site.database.binlog_events import Event, Frame, RowWritten, Statement, Table, TableWritten, UnknownEvent
from cutover_site.database.binlog_text import KeyColumn, read_events
from cutover_site.database.written_key_ranges import collect_key_ranges, join_keys

ISSUE = Table("gogs", "issue")
HEADER = "# at 1286\n#241129 15:17:17 server id 1  end_log_pos 1343 CRC32 0x1234abcd \t"
LOG = """\
#Q> INSERT INTO gogs.issue VALUES ('x
### INSERT INTO `gogs`.`comment`
### SET
###   @1='x\\x0a### @2=77'
###   @2=70
### INSERT INTO `gogs`.`issue`
### SET
###   @1='a'
###   @2=5
### UPDATE `gogs`.`issue`
### WHERE
###   @1='a'
###   @2=5
### SET
###   @1='a'
###   @2=9
### DELETE FROM `gogs`.`issue`
### WHERE
###   @1=NULL
###   @2=-1 (18446744073709551615)
# Number of rows: 1
COMMIT/*!*/;
"""


def read(log: str, keys: Mapping[Table, KeyColumn] | None = None) -> list[Event]:
    return list(read_events(log.encode().splitlines(), {ISSUE: KeyColumn(2, unsigned=False)} if keys is None else keys))


def list_keys(log: str) -> list[tuple[int, ...]]:
    return [event.keys for event in read(log) if isinstance(event, RowWritten)]


def test_a_row_has_its_key_and_a_changed_key_has_both_values() -> None:
    assert list_keys(LOG) == [(5,), (5, 9), (-1,)]
    assert read(LOG, {ISSUE: KeyColumn(2, unsigned=True)})[-1] == RowWritten(ISSUE, (2**64 - 1,))
    assert collect_key_ranges(read(LOG)) == {ISSUE: [(-1, -1), (5, 5), (9, 9)]}


@pytest.mark.parametrize(
    "log",
    [
        "### UPDATE `gogs`.`issue`\n### WHERE\n###   @1='a'\n### SET\n###   @1='b'\n# at 5",
        "### DELETE FROM `gogs`.`issue`\n### WHERE",
        "### DELETE FROM `gogs`.`issue`\n### WHERE\n###   @2=7\n### INSERT INTO `gogs`.`issue`",
        "### UPDATE `gogs`.`issue`\n### WHERE\n###   @2=7\n### SET\n###   @2=NULL",
    ],
)
def test_a_row_without_a_key_may_be_any_row(log: str) -> None:
    assert list_keys(log)[-1] == ()
    assert collect_key_ranges(read(log)) == {}


def test_an_update_needs_only_one_of_its_two_keys() -> None:
    assert list_keys("### UPDATE `gogs`.`issue`\n### WHERE\n###   @2=4\n### SET\n###   @1='b'\n# at 5") == [(4,)]


def test_the_header_of_an_event_has_its_kind() -> None:
    assert read(HEADER + "Table_map: `gogs`.`issue` mapped to number 27") == [TableWritten(ISSUE)]
    assert read(HEADER + "Xid = 26") == [Frame("Xid")]
    assert read(HEADER + "Something_new: 7") == [UnknownEvent("Something_new", "7")]


def test_a_statement_is_read_after_the_settings_of_its_session() -> None:
    settings = (
        HEADER + "Query\tthread_id=5\texec_time=0\terror_code=0\nuse `gogs`/*!*/;\nSET TIMESTAMP=1732893437/*!*/;\n"
    )
    assert read(settings + "BEGIN\n/*!*/;") == [Frame("Query")]
    assert read(settings + "SET PASSWORD FOR x = 'y'\n/*!*/;") == [Statement("SET PASSWORD FOR x = 'y'")]
    assert read(settings + "\n  DROP TABLE issue\n/*!*/;") == [Statement("")]


@pytest.mark.parametrize(
    "log",
    [
        "# at 4\n#2024-11-29T15:17:17 a header of another form",
        "### Row event for unknown table #27",
        HEADER + "Query\tthread_id=5\texec_time=0\terror_code=0\n# at 1343",
        HEADER + "Query\tthread_id=5\texec_time=0\terror_code=0",
    ],
)
def test_unreadable_output_is_an_unknown_event(log: str) -> None:
    assert [type(event) for event in read(log)] == [UnknownEvent]


def test_the_nearest_keys_are_joined_into_ranges() -> None:
    assert join_keys({7, 1, 2, 3, 500, 501}, most=3) == [(1, 3), (7, 7), (500, 501)]
    assert join_keys({7, 1, 2, 3, 500, 501}, most=2) == [(1, 7), (500, 501)]
    assert join_keys({7, 1, 2, 3, 500, 501}, most=1) == [(1, 501)]
    assert join_keys({1, 2, 3}, most=9) == [(1, 3)]
    assert join_keys({4}) == [(4, 4)]
