"""A run is valid only when every part of its proof exists and succeeds."""

from typing import Any

import pytest

from rehearsal.client.overlap import Overlap
from rehearsal.job.comparison import Comparison
from rehearsal.job.evidence import Evidence
from rehearsal.job.secrecy import Secrecy
from rehearsal.job.secrecy.audit import Finding
from rehearsal.job.verdict import find_problems


def ledger(**changed: Any) -> dict[str, Any]:
    return {
        "lost": [],
        "unclear": [],
        "refused": {},
        "read_downtime": {"failed": 0, "total": 0.0},
        "pause": make_pause(),
        **changed,
    }


def make_pause(*, failed: int = 0, window: float = 1.9) -> dict[str, Any]:
    return {"failed_operations": failed, "held_writes": 14, "longest_write_seconds": 3.1, "window_seconds": window}


def evidence(**changed: Any) -> Evidence:
    whole = {
        "ledger": ledger(),
        "comparison": Comparison(),
        "overlap": Overlap(source=5, target=5, apart=3.0),
        "secrecy": Secrecy(),
    }
    return Evidence(**{**whole, **changed})


def test_a_complete_proof_has_no_problems() -> None:
    assert find_problems(evidence()) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"ledger": ledger(lost=["issue 3"])}, "lost: issue 3"),
        ({"ledger": ledger(unclear=["push-ssh of 3.000: cut"])}, "a write was not refused clearly"),
        (
            {"ledger": ledger(read_downtime={"failed": 2, "total": 0.5}, pause=make_pause(failed=2))},
            "2 reads failed, for 0.50 s",
        ),
        (
            {"ledger": ledger(pause=make_pause(failed=3), refused={"SSH refused": 3})},
            "3 writes failed because of the migration",
        ),
        ({"ledger": ledger(pause=None)}, "whether writes failed was not measured"),
        ({"ledger": ledger(read_downtime=None)}, "whether reads went on was not measured"),
        ({"ledger": {}}, "lost: nothing was looked up"),
        ({"comparison": Comparison(findings=["row 1"])}, "row 1"),
        ({"comparison": None}, "source and target were not compared"),
        ({"overlap": Overlap(5, 5, -1.0)}, "that only one site accepted writes at a time is not shown"),
        ({"overlap": Overlap(5, 0, None)}, "that only one site accepted writes at a time is not shown"),
        ({"overlap": None}, "that only one site accepted writes at a time is not shown"),
        ({"secrecy": Secrecy(findings=[Finding("S3", "a", "password", "plain")])}, "a secret is where it must not be"),
        ({"secrecy": Secrecy(unsearched=["S3: denied"])}, "not searched for secrets: S3: denied"),
        ({"secrecy": None}, "secrets were not searched for"),
    ],
)
def test_each_failed_or_missing_part_is_a_problem(changed: dict[str, Any], expected: str) -> None:
    (problem,) = find_problems(evidence(**changed))
    assert problem.startswith(expected)


def test_a_slow_run_or_a_slow_client_is_no_problem() -> None:
    slow = {"writes_per_second": 0.5, "pushes_per_second": 0.1, "enough": False}
    assert find_problems(evidence(ledger=ledger(pace=slow, pause=make_pause(window=60.0)))) == []
