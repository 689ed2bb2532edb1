"""Rows that are missing, older or unexplained are reported. Changes by normal use after the commit are counted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from rehearsal.job.comparison import Comparison, compare_rows

Cells = tuple[str, ...]


@dataclass
class Server:
    """Return the results of the four statements as a server does, for tables whose first column is the key. Cells are SQL literals."""

    tables: dict[str, tuple[Cells, dict[str, Cells]]] = field(default_factory=dict)
    counted: bool = True
    unreadable: frozenset[str] = frozenset()

    def __call__(self, statement: str) -> list[str]:
        if "information_schema" in statement:
            return [line for name in self.tables for line in self._columns(name)]
        found = re.search(r"FROM `gogs`\.`(\w+)`", statement)
        assert found
        columns, rows = self.tables[found.group(1)]
        if "MAX(" in statement:
            return [max((row[-1] for row in rows.values()), default="NULL")]
        if "SHA2(" in statement:
            return [f"{key}\t{'NULL' if key in self.unreadable else hash(row)}" for key, row in rows.items()]
        order = sorted(range(len(columns)), key=columns.__getitem__)  # the order in the statement
        return [
            "\t".join((key, *(row[place] for place in order))) for key, row in rows.items() if f"({key})" in statement
        ]

    def _columns(self, name: str) -> list[str]:
        kinds = ["auto_increment" if self.counted else ""]
        return [
            "\t".join(
                (name, column, (kinds.pop() if kinds else ""), "int", "1" if column == self.tables[name][0][0] else "0")
            )
            for column in self.tables[name][0]
        ]


def table(name: str, columns: Cells, *rows: Cells, counted: bool = True) -> Server:
    return Server({name: (columns, {row[0]: row for row in rows})}, counted)


def compare(source: Callable[[str], list[str]], target: Callable[[str], list[str]]) -> Comparison:
    result = Comparison()
    compare_rows(source, target, "gogs", result)
    return result


ISSUE = ("id", "num_comments", "name")


def test_a_change_by_normal_use_is_counted_without_a_finding() -> None:
    # Given a target with a new comment on an issue and a new issue
    source = table("issue", ISSUE, ("'1'", "'9'", "'a'"), ("'2'", "'0'", "'b'"))
    target = table("issue", ISSUE, ("'1'", "'10'", "'a'"), ("'2'", "'0'", "'b'"), ("'3'", "'0'", "'c'"))
    result = compare(source, target)
    assert (result.findings, result.tables, result.rows) == ([], 1, 2)
    assert result.since_commit == {"issue.num_comments": 1, "issue rows": 1}


@pytest.mark.parametrize(
    ("rows", "finding"),
    [
        ([("'2'", "'0'", "'b'")], "row '1' of table issue"),
        ([("'1'", "'8'", "'a'"), ("'2'", "'0'", "'b'")], "row '1' of table issue differs: num_comments"),
        ([("'1'", "'9'", "'x'"), ("'2'", "'0'", "'b'")], "row '1' of table issue differs: name"),
        ([("'1'", "NULL", "'a'"), ("'2'", "'0'", "'b'")], "row '1' of table issue differs: num_comments"),
        (
            [("'0'", "'0'", "'z'"), ("'1'", "'9'", "'a'"), ("'2'", "'0'", "'b'")],
            "row '0' of table issue is only on the target, and not new",
        ),
    ],
)
def test_a_missing_older_changed_or_unexplained_row_is_reported(rows: list[Cells], finding: str) -> None:
    source = table("issue", ISSUE, ("'1'", "'9'", "'a'"), ("'2'", "'0'", "'b'"))
    assert compare(source, table("issue", ISSUE, *rows)).findings == [finding]


USER = ("id", "last_repo_visibility", "updated_unix", "is_admin")


@pytest.mark.parametrize(
    ("before", "after", "findings"),
    [
        # A user who creates a private repository, and one who creates a public one afterwards.
        (("'0'", "'10'", "'0'"), ("'1'", "'11'", "'0'"), []),
        (("'1'", "'10'", "'0'"), ("'0'", "'11'", "'0'"), []),
        (("'1'", "'10'", "'0'"), ("'2'", "'10'", "'0'"), ["row '1' of table user differs: last_repo_visibility"]),
        (("'0'", "'10'", "'0'"), ("'0'", "'9'", "'0'"), ["row '1' of table user differs: updated_unix"]),
        (("'0'", "'10'", "'0'"), ("'1'", "'11'", "'1'"), ["row '1' of table user differs: is_admin"]),
    ],
)
def test_a_new_repository_may_change_the_row_of_its_owner(before: Cells, after: Cells, findings: list[str]) -> None:
    source, target = (table("user", USER, ("'1'", *cells)) for cells in (before, after))
    assert compare(source, target).findings == findings


def test_a_new_row_without_a_number_must_be_younger() -> None:
    columns = ("oid", "created_at")
    source = table("lfs_object", columns, ("'a'", "'2026-01-01 10:00:00'"), counted=False)
    target = table(
        "lfs_object",
        columns,
        ("'a'", "'2026-01-01 10:00:00'"),
        ("'b'", "'2026-01-01 10:00:09'"),
        ("'c'", "'2026-01-01 09:00:00'"),
        counted=False,
    )
    result = compare(source, target)
    assert result.findings == ["row 'c' of table lfs_object is only on the target, and not new"]
    assert result.since_commit == {"lfs_object rows": 1}


def test_a_new_row_of_a_table_without_number_and_time_is_a_finding() -> None:
    source, target = (table("star", ("uid",), *rows, counted=False) for rows in ([("'1'",)], [("'1'",), ("'2'",)]))
    assert compare(source, target).findings == ["row '2' of table star is only on the target, and not new"]


def test_a_table_that_cannot_be_compared_is_a_finding() -> None:
    plain = table("issue", ISSUE, ("'1'", "'9'", "'a'"))
    unread = Server(plain.tables, unreadable=frozenset({"'1'"}))
    assert compare(plain, table("other", ("id",))).findings == [
        "table other exists on the target only",
        "table issue is not on the target",
    ]
    assert compare(plain, table("issue", ("id", "name"))).findings == [
        "table issue has other columns or another key on the target"
    ]
    assert compare(unread, unread).findings == ["row '1' of table issue could not be compared"]


def test_a_table_without_a_key_is_a_finding() -> None:
    def server(statement: str) -> list[str]:
        assert "information_schema" in statement
        return ["odd\tname\t\tvarchar\t0"]

    assert compare(server, server).findings == ["table odd has no primary key, its rows could not be compared"]


def test_a_value_with_special_characters_is_not_changed() -> None:
    # Given a key with a backslash and a line feed, as `mysql --batch` prints it
    source = table("issue", ISSUE, (r"'a\\\n'", "'1'", "'x'"), counted=False)
    target = table("issue", ISSUE, counted=False)
    assert compare(source, target).findings == ["row 'a\\\n' of table issue"]
