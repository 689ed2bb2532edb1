"""A rehearsal gives the product's report what only it has, and lets the product write the page, also of a run that failed."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from rehearsal.client.ledger import Operation
from rehearsal.client.overlap import Overlap
from rehearsal.errors import RehearsalError
from rehearsal.job.comparison import Comparison
from rehearsal.job.evidence import Evidence
from rehearsal.job.report_input import build_independent, read_expected_seconds, write_operations
from rehearsal.job.run_report import RunReport
from rehearsal.job.secrecy import Secrecy

ROOT = Path(__file__).parents[3]
LEDGER: dict[str, Any] = {
    "found": {"issue": 2},
    "lost": [],
    "refused": {},
    "unclear": [],
    "read_downtime": {"failed": 0, "total": 0.0},
    "pause": {"failed_operations": 0},
}
STEP = {
    "key": "runs/a-c-1/01-lock.json",
    "step": "lock",
    "phase": "Lock",
    "run_id": "a-c-1",
    "outcome": "failed",
    "began": "2026-01-01T10:00:00.000Z",
    "ended": "2026-01-01T10:00:01.000Z",
    "seconds": 1.0,
    "facts": {"reason": "another run holds the site"},
}
AWS = cast(Any, SimpleNamespace(list_resources=lambda _: [], read_lag=lambda *_: [{"time": 1.0, "target": 2.0}]))
SURVEY = cast(Any, SimpleNamespace(facts={"replication_task_arn": "arn"}))


def make_report(folder: Path, evidence: Evidence) -> RunReport:
    config = {"CUTOVER_CONFIG": str(ROOT / "migration.toml")}
    return RunReport(ROOT, folder, {**os.environ, **config}, evidence)


def write(kind: str, sent: float, answered: float, **more: Any) -> Operation:
    return Operation(kind=kind, writes=True, sent=sent, answered=answered, **more)


OPERATIONS = [
    write("issue", 0.5, 1.0, acknowledged=True),
    write("issue", 2.0, 5.0, acknowledged=True),
    write("lfs", 3.0, 3.5, reason="cut", refusal="connection cut"),
    write("issue", 6.0, 6.5, reason="500", refusal="the site's own error 500"),
    write("issue", 7.5, 8.0, acknowledged=True),
]


def write_and_read(folder: Path, steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines that the product would read."""
    write_operations(OPERATIONS, steps, folder / "client.jsonl")
    return [json.loads(line) for line in (folder / "client.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(("facts", "held"), [({"committed": "1970-01-01T00:00:04Z"}, 1), ({}, 0)])
def test_only_writes_of_a_run_with_a_freeze_count_as_held(tmp_path: Path, facts: dict[str, str], held: int) -> None:
    # Given a write that took three seconds, in a run that froze the source until 4.0, or in one that froze nothing
    book = tmp_path / "ledger.jsonl"
    book.write_text("".join(json.dumps(asdict(one)) + "\n" for one in OPERATIONS))
    evidence = Evidence(
        steps=[{**STEP, "outcome": "done", "facts": facts}], ledger={**LEDGER, "pause": {"failed_operations": 0}}
    )
    make_report(tmp_path, evidence).read_input(AWS, SURVEY, book)
    assert evidence.ledger["pause"]["held_writes"] == held
    assert evidence.missing == []


def test_the_ledgers_operations_are_those_of_the_report(tmp_path: Path) -> None:
    # Given a commit in second 4, before which one write waited, one failed, and the site itself refused one
    lines = write_and_read(tmp_path, [{"outcome": "done", "facts": {"committed": "1970-01-01T00:00:04.000Z"}}])

    assert [(one["outcome"], one["held"]) for one in lines] == [
        ("done", False),
        ("done", True),
        ("failed", False),
        ("site-error", False),
        ("done", False),
    ]
    assert lines[2] == {"kind": "lfs", "start": 3.0, "end": 3.5, "outcome": "failed", "writes": True, "held": False, "reason": "cut"}  # fmt: skip


def test_without_a_freeze_nothing_was_held(tmp_path: Path) -> None:
    assert not any(one["held"] for one in write_and_read(tmp_path, [STEP]))


def test_a_slow_write_before_the_window_was_not_held(tmp_path: Path) -> None:
    lines = write_and_read(tmp_path, [{"outcome": "done", "facts": {"open_since": "1970-01-01T00:00:07.000Z"}}])

    assert not any(one["held"] for one in lines)


def test_each_check_from_outside_that_was_made_is_listed_with_its_problems() -> None:
    evidence = Evidence(
        ledger={**LEDGER, "lost": ["issue 7"]},
        overlap=Overlap(source=3, target=2, apart=-1.0),
        comparison=Comparison(rows=4, refs=5, files={"LFS objects": 6}, findings=["row 1 differs"]),
        secrecy=Secrecy(unsearched=["S3: denied"]),
    )
    found = build_independent(evidence)

    assert {one["name"]: one["passed"] for one in found["checks"]} == {
        "every acknowledged write": False,
        "no operation failed because of the migration": True,
        "source and target": False,
        "never two sites at the same time": False,
        "no secret is where it must not be": False,
    }
    assert found["checks"][0]["text"] == "2 found, 1 lost; issue 7"
    assert (found["counts"]["rows"], found["counts"]["LFS objects"]) == (4, 6)


def test_what_was_not_checked_is_no_passed_check() -> None:
    assert build_independent(Evidence()) == {"checks": [], "counts": {}}


def test_the_expected_times_are_those_of_a_cutover_that_committed(tmp_path: Path) -> None:
    steps = [{**STEP, "outcome": "done"}, {**STEP, "step": "commit", "outcome": "done", "seconds": 0.2}]
    other = {**STEP, "run_id": "a-t-1", "seconds": 9.0, "outcome": "done"}
    (tmp_path / "evidence.json").write_text(
        json.dumps({"steps": [*steps, other, {"run_id": "a-c-1", "finished": "x"}]})
    )

    assert read_expected_seconds(tmp_path / "evidence.json") == {"lock": 1.0, "commit": 0.2}


@pytest.mark.parametrize("content", [None, "{", "{}", json.dumps({"steps": [STEP]})])
def test_without_such_a_run_no_time_is_expected(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "evidence.json").write_text(content)

    assert read_expected_seconds(tmp_path / "evidence.json") == {}


def test_the_product_writes_the_page_of_a_run_that_failed(tmp_path: Path) -> None:
    report = make_report(tmp_path, Evidence(steps=[STEP], ledger=LEDGER))
    (tmp_path / "ledger.jsonl").write_text(
        json.dumps({"kind": "issue", "writes": True, "sent": 1.0, "answered": 2.0, "acknowledged": True}) + "\n"
    )
    report.read_input(AWS, SURVEY, tmp_path / "ledger.jsonl")

    line = report.describe()

    assert line == f"the report: {tmp_path / 'report.html'}"
    content = json.loads((tmp_path / "report.json").read_text())
    assert content["verdict"]["failure"]["reason"] == "another run holds the site"
    assert content["client"]["kinds"][-1]["operations"] == 1
    assert [one["name"] for one in content["checks"]] == ["every acknowledged write", "no operation failed because of the migration"]  # fmt: skip


def test_what_cannot_be_read_is_named_once_and_the_rest_is_kept(tmp_path: Path) -> None:
    report = make_report(tmp_path, Evidence(steps=[STEP]))
    broken = cast(Any, SimpleNamespace(list_resources=lambda _: [{"stack": "S", "type": "T", "id": "x"}]))
    report.read_input(broken, SURVEY, None)

    assert report.evidence.resources == [{"stack": "S", "type": "T", "id": "x"}]
    assert [one.partition(":")[0] for one in report.evidence.missing] == ["the lag of the replication"]


def test_without_a_record_of_a_run_there_is_no_report_and_the_reason_is_named(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("of an earlier run")
    report = make_report(tmp_path, Evidence())
    report.remove_earlier()
    report.read_input(AWS, SURVEY, None)

    assert report.describe() == "there is no report: no run of the procedure has left a record"
    assert not (tmp_path / "report.html").exists()


def test_the_products_sentence_is_the_error(tmp_path: Path) -> None:
    report = make_report(tmp_path, Evidence(steps=[{"step": "damaged"}]))

    with pytest.raises(RehearsalError, match="the report was not written: error: there is no step record of any run"):
        report.write()
