"""The files that a report is made from: evidence as a folder or as one file, and the operations of a client."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from common.errors import StepFailed

from operate.report.client import Outcome, find_write_gap, read_operations, summarize
from operate.report.files import read_evidence
from operate.report.runs import select_run
from operate.report.source import Lag, RunSource
from tests.unit.operate.report.evidence import BEGAN, RUN, make_failed_at, make_migrated, make_operations

LINE: dict[str, Any] = {"kind": "issue", "start": 1.0, "end": 1.5, "outcome": "done", "writes": True, "held": True}


def read(path: Path) -> RunSource:
    return read_evidence(path, site="gogs", region="eu-central-1", now=0.0)


def test_a_copy_of_the_bucket_has_the_records_of_each_run(tmp_path: Path) -> None:
    for document in make_migrated():
        path = tmp_path / document["key"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({key: value for key, value in document.items() if key != "key"}))

    # Also when only the folder of one run is named
    for folder in (tmp_path / "runs", tmp_path / "runs" / RUN):
        run = select_run(read(folder))
        assert run.run_id == RUN
        assert run.find_done("commit")
        assert run.outputs["finished"] == "now"


def test_an_evidence_file_has_what_its_author_knew(tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    file.write_text(
        json.dumps(
            {
                "steps": make_failed_at("activate"),
                "replication_lag": [{"time": 5, "source": None, "target": 1.5}],
                "resources": [{"stack": "DataStack", "type": "AWS::RDS::DBInstance", "id": "db"}],
                "independent": {"checks": [{"name": "lost", "passed": True, "text": "none"}], "counts": {"refs": 3}},
                "expected_seconds": {"freeze": 1},
                "missing": ["the rest"],
                "something_else": 1,
            }
        )
    )

    source = read(file)
    assert source.lag == [Lag(5.0, None, 1.5)]
    assert source.resources is not None
    assert source.resources[0].id == "db"
    assert source.independent.counts == {"refs": 3}
    assert source.expected == {"freeze": 1.0}
    assert source.missing == ["the rest"]


def test_what_an_evidence_file_leaves_out_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "evidence.json").write_text(json.dumps({"steps": []}))

    source = read(tmp_path / "evidence.json")
    assert (source.lag, source.resources, source.operations) == (None, None, None)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "is no JSON"),
        ("[]", "has no JSON object"),
        ('{"outcome": "migrated"}', "has no list `steps`"),
        ('{"steps": [], "replication_lag": [{"time": 1, "source": NaN}]}', "NaN is no number of JSON"),
        ('{"steps": [], "independent": {"counts": {"refs": 1e999}}}', "1e999 is no number of JSON"),
        ('{"steps": [], "replication_lag": [{}]}', "is damaged: KeyError"),
    ],
)
def test_a_file_of_another_form_is_refused_in_one_sentence(content: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    file.write_text(content)

    with pytest.raises(StepFailed) as raised:
        read(file)
    assert reason in raised.value.reason
    assert raised.value.next_action


def test_evidence_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="the evidence cannot be read"):
        read(tmp_path / "nowhere")


def test_operations_are_read_in_the_order_of_their_start(tmp_path: Path) -> None:
    file = tmp_path / "client.jsonl"
    late = {**LINE, "start": 9, "end": 9.5, "outcome": "failed", "held": None, "reason": "cut", "more": 1}
    file.write_text(f"{json.dumps(late)}\n\n{json.dumps(LINE)}\n")

    first, second = read_operations(file)
    assert (first.seconds, first.held, first.outcome) == (0.5, True, Outcome.DONE)
    assert (second.held, second.outcome, second.reason) == (None, Outcome.FAILED, "cut")


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        json.dumps({**LINE, "outcome": "perhaps"}),
        json.dumps({**LINE, "writes": "no"}),
        json.dumps({**LINE, "held": 1}),
        json.dumps({**LINE, "start": None}),
        json.dumps({**LINE, "end": float("nan")}),
        json.dumps({key: value for key, value in LINE.items() if key != "kind"}),
    ],
)
def test_a_wrong_line_is_named(line: str, tmp_path: Path) -> None:
    file = tmp_path / "client.jsonl"
    file.write_text(f"{json.dumps(LINE)}\n{line}\n")

    with pytest.raises(StepFailed, match=r"client\.jsonl, line 2 is not an operation"):
        read_operations(file)


def test_the_summary_counts_held_operations_only_where_the_client_knows_them() -> None:
    operations = make_operations(window=(9.0, 12.0), failed=1)
    unknown = [type(one)(one.start, one.end, one.kind, one.outcome, one.writes) for one in operations]

    assert summarize("all", operations).held == 15
    assert summarize("all", operations).failed == 1
    assert summarize("all", unknown).held is None
    assert summarize("none", []).longest is None


def test_the_longest_time_without_a_write_is_from_response_to_response() -> None:
    gap = find_write_gap(make_operations(window=(9.0, 12.0)))

    assert gap == pytest.approx((BEGAN + 8.88, BEGAN + 12.08))
    assert find_write_gap(make_operations()[:2]) is None
