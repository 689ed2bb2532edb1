"""Every result fits the output limit of Systems Manager for all names on a machine, and both sides shorten it in the same way."""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from applications.gogs.profile import PROFILE
from common.clients.machines import LONGEST_OUTPUT, interpret
from cutover_site import cli
from cutover_site.database import auto_increment, cascades, divergent, positions, written_key_ranges, written_tables
from cutover_site.database.digest import TableDigest
from cutover_site.files import compare as file_comparison
from cutover_site.files import digest
from cutover_site.files.changes import ChangedPaths
from cutover_site.files.compare import Differences
from cutover_site.files.lines import BUCKETS, arrange
from cutover_site.files.names import escape_name, shorten, summarize
from cutover_site.freeze import database_server
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.result_size import shorten_lists
from cutover_site.verbs import digests, replicated_rows
from cutover_site.verbs import files as file_verbs
from cutover_site.verbs import source as source_verbs
from procedure.logic.verification import compare_files

LONG_NAMES = [f"repositories/{'отдел' * 8}-{number // 9}/{'długa-nazwa' * 9}-{number}.git" for number in range(900)]
SHORT_NAMES = [f"repositories/a/{number}.git" for number in range(5000)]
RAW_NAMES = [f"repositories/a/\udcff\udcfe\n\u2028\x85\\{number}.git" for number in range(400)]
VALUE = "123456789 files, 1234567890123456 bytes, " + "a" * 32
CHANGED = "123456789 paths, " + "a" * 32 + ", 123456789 files of refs, " + "b" * 32
TABLES = [f"{'table' * 12}{number:04d}" for number in range(400)]


def run_verb(verb: str, facts: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> tuple[bool, dict[str, Any]]:
    """Return the result of a verb as the procedure receives it through Systems Manager."""
    cli.main([cli.Verb(verb, "", lambda _m, _o: facts)], [verb], UnreachableMachine())
    result = interpret(verb, "Success", capsys.readouterr().out[:LONGEST_OUTPUT], "")
    return result.ok, dict(result.facts)


class UnreachableMachine(Machine):
    @property
    def name(self) -> str:
        return "replica i-1"


@pytest.mark.parametrize("names", [LONG_NAMES, SHORT_NAMES, RAW_NAMES], ids=["long", "many", "raw"])
@pytest.mark.parametrize("value", [VALUE, CHANGED], ids=["full", "window"])
def test_the_lines_of_a_digest_fit_for_all_names(
    names: list[str], value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    groups = dict.fromkeys((*PROFILE.files.groups, digest.OTHER), VALUE)
    lines = arrange(dict.fromkeys(names, value), most=digest.MAX_LINES) | groups
    frame = {"side": "source", "root": "/srv/gogs", "what": "changes", "moment": "1795922608.366:1795000000.000"}
    ok, facts = run_verb("digest-files", {**frame, "digests": lines, "seconds": 12345.678}, capsys)
    assert ok, facts
    assert facts["digests"] == lines


@pytest.mark.parametrize("names", [LONG_NAMES, SHORT_NAMES, RAW_NAMES, SHORT_NAMES[:100]])
def test_both_sides_select_the_same_lines_for_different_content(names: list[str]) -> None:
    source, live = arrange(dict.fromkeys(names, "1")), arrange({**dict.fromkeys(names, VALUE), names[7]: "2"})
    assert source.keys() == live.keys()
    assert len(source) <= max(BUCKETS, 120)


@pytest.mark.parametrize("names", [LONG_NAMES, RAW_NAMES, SHORT_NAMES[:100]])
def test_one_difference_changes_exactly_one_line(names: list[str]) -> None:
    source, live = arrange(dict.fromkeys(names, "1")), arrange({**dict.fromkeys(names, "1"), names[7]: "2"})
    assert len(compare_files({"digests": source}, {"digests": live}).different) == 1


def test_different_names_have_different_printable_forms() -> None:
    names = ["a\udcff", "a\udcfe", "a\\xff", "a\xff", "a\n", "a\\x0a", "a\\", "a\\\\", "a\u2028", "a?", "a�"]
    assert len({escape_name(name) for name in names}) == len(names)
    assert all(escape_name(name).isprintable() for name in names)


def test_a_shortened_name_keeps_its_end() -> None:
    assert shorten("a/b.git") == "a/b.git"
    text = shorten("x" * 500 + "/long/" + "ж" * 40 + "/HEAD")
    assert text.startswith("…")
    assert text.endswith("/HEAD")
    assert len(json.dumps(shorten("\udcff" * 400))) < 200


def test_unicode_line_breaks_in_a_name_do_not_split_a_result(capsys: pytest.CaptureFixture[str]) -> None:
    facts = {"names": ["a\u2028b", "c\x85d", "e\x0bf", "\udcff"]}
    assert run_verb("check", facts, capsys) == (True, {"ok": True, **facts})


def test_a_result_that_cannot_be_shortened_is_a_failure_with_its_size(capsys: pytest.CaptureFixture[str]) -> None:
    noise = random.Random(7)
    ok, facts = run_verb("digest-files", {"digests": {f"{noise.getrandbits(400_000):x}": "1"}}, capsys)
    assert not ok
    assert "digest-files has 100" in facts["reason"]


@pytest.mark.parametrize("count", [300, 3000])
def test_the_digests_of_many_tables_are_received_completely(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    noise = random.Random(7)
    found = {
        f"{'table' * 4}{number}": TableDigest(10**9, f"{noise.getrandbits(128):032x}", 1.0) for number in range(count)
    }
    monkeypatch.setattr(digests, "find_tables", lambda *_: {"gogs": {name: name for name in found}})
    monkeypatch.setattr(digests, "connect_several", lambda *_: nullcontext([None]))
    monkeypatch.setattr(digests, "digest_tables", lambda *_, **__: found)
    replica = Replica(layout=Layout(tmp_path))
    options = argparse.Namespace(side="source", schema="gogs", tables="", ranges="", connections=2, host="", marker="")
    ok, facts = run_verb("digest-database", digests.digest_database(replica, options), capsys)
    assert ok, facts
    assert (facts["count"], facts["rows"]) == (count, count * 10**9)

    listed: dict[str, Any] = dict(facts.get("tables", {}))
    for page in range(1, 1 + facts.get("pages", 0)):
        options = argparse.Namespace(of=facts["digest"], page=page)
        ok, result = run_verb("table-digests", digests.show_table_digests(replica, options), capsys)
        assert ok, result
        listed |= result["tables"]

    assert listed == {name: {"rows": one.rows, "digest": one.digest} for name, one in found.items()}


def test_a_long_reason_is_shortened(capsys: pytest.CaptureFixture[str]) -> None:
    cli.print_result({"ok": False, "reason": "ж" * 50_000, "next": "y" * 50_000})
    result = interpret("accept", "Failed", capsys.readouterr().out[:LONGEST_OUTPUT], "")
    assert result.facts["reason"].startswith("ж")
    assert result.facts["next"].endswith("…")


@dataclass(frozen=True)
class Compared:
    divergent: dict[str, int]
    converged: tuple[str, ...]


def divergent_rows(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    found = Compared(dict.fromkeys(TABLES, 1000), tuple(TABLES))
    monkeypatch.setattr(divergent, "find_divergent_rows", lambda *_, **__: found)
    options = argparse.Namespace(tables=",".join(TABLES), settle=",".join(TABLES), schema="gogs", patience=1.0)
    return replicated_rows.find_divergent_rows(Replica(), options)


def raised_numbers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(auto_increment, "sync_auto_increment", lambda *_: dict.fromkeys(TABLES, 2**63))
    return replicated_rows.sync_auto_increment(Replica(), argparse.Namespace(schema="gogs"))


def changed_tables(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    log_writes(monkeypatch, TABLES)
    facts = source_verbs.list_changed_tables(SourceDatabase(), argparse.Namespace(since="bin.1:4"))
    assert facts["other_statements"], "a table that is not listed may have been written too"
    return facts


def written_ranges(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    tables = TABLES[:100]
    log_writes(monkeypatch, tables)
    monkeypatch.setattr(database_server, "stop_source_writes", lambda *_: {})
    ranges = {name: [(2**63 - number, 2**63) for number in range(32)] for name in tables}
    monkeypatch.setattr(written_key_ranges, "find_written_key_ranges", lambda *_: ranges)
    options = argparse.Namespace(run="m1", since="bin.1:4", ranges_of=",".join(tables), after="")
    facts = source_verbs.freeze_database(SourceDatabase(), options)
    assert set(facts["ranges"]) < set(facts["tables"]) == set(tables)
    return facts


def log_writes(monkeypatch: pytest.MonkeyPatch, tables: list[str]) -> None:
    """Patch the binary log: only these tables were written."""
    found = written_tables.WrittenTables(frozenset(tables), 0)
    monkeypatch.setattr(source_verbs, "connect_as_administrator", lambda *_, **__: nullcontext())
    monkeypatch.setattr(source_verbs, "find_administrator_login", lambda _machine: None)
    position = positions.parse_position("bin.1:9")
    monkeypatch.setattr(positions, "read_binlog_position", lambda _: position)
    monkeypatch.setattr(written_tables, "find_written_tables", lambda *_: found)
    monkeypatch.setattr(cascades, "find_cascades", lambda *_: [])


def compare(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    names = tuple(LONG_NAMES)
    monkeypatch.setattr(file_comparison, "compare", lambda *_, **__: Differences(names, names, 10**9))
    options = argparse.Namespace(source="10.0.0.1", since="1.0:1.0", lines='["*"]', timeout=1.0)
    facts = file_verbs.compare_files(Replica(), options)
    assert facts["different"]["total"] == len(names)
    return facts


def window(_: pytest.MonkeyPatch) -> dict[str, Any]:
    paths = tuple(f"{name}/objects/aa/{number}" for number, name in enumerate(LONG_NAMES))
    return {"digests": digest.digest_changes(PROFILE.files, Path("/nowhere"), ChangedPaths(paths, ()))}


def check_database(_: pytest.MonkeyPatch) -> dict[str, Any]:
    return shorten_lists({"database": {"not_carried": TABLES, "tables_without_primary_key": TABLES}})


def delta(_: pytest.MonkeyPatch) -> dict[str, Any]:
    return {"paths": [shorten(name * 30) for name in LONG_NAMES[:20]]}


class Replica(Machine):
    roles = ("replica",)


class SourceDatabase(Machine):
    roles = ("source-database",)


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, connect in ((digests, "connect_several"), (replicated_rows, "connect")):
        for name in (connect, "read_source_reader_login", "read_target_application_login"):
            monkeypatch.setattr(module, name, lambda *_, **__: nullcontext())


@pytest.mark.parametrize(
    "build", [divergent_rows, raised_numbers, changed_tables, written_ranges, compare, window, check_database, delta]
)
def test_the_result_of_every_verb_fits_the_limit(
    build: Callable[[pytest.MonkeyPatch], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ok, facts = run_verb(build.__name__, build(monkeypatch), capsys)
    assert ok, facts


def test_a_long_list_names_some_entries_and_counts_all() -> None:
    assert summarize(str(number) for number in range(90))["total"] == 90
    assert shorten_lists({"a": ["x"] * 25})["a"][-1] == "and 5 more"
