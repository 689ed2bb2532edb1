"""A run counts only when every part of the proof was made and holds."""

from typing import Any

import pytest

from rehearsal.client.overlap import Overlap
from rehearsal.job.comparison import Comparison
from rehearsal.job.evidence import Evidence
from rehearsal.job.secrecy import Secrecy
from rehearsal.job.secrecy.audit import Finding
from rehearsal.job.verdict import objections


def evidence(**changed: Any) -> Evidence:
    whole = {
        "ledger": {"lost": [], "unclear": []},
        "comparison": Comparison(),
        "overlap": Overlap(source=5, target=5, apart=3.0),
        "secrecy": Secrecy(),
    }
    return Evidence(**{**whole, **changed})


def test_a_whole_proof_has_no_objection() -> None:
    assert objections(evidence()) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ledger": {"lost": ["issue 3"], "unclear": []}}, "lost: issue 3"),
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
def test_each_part_that_fails_or_is_missing_is_an_objection(changed: dict[str, Any], said: str) -> None:
    (objection,) = objections(evidence(**changed))
    assert objection.startswith(said)


def test_a_write_that_was_cut_is_no_loss() -> None:
    # Its sender knows that it was not acknowledged; it is listed in the account
    assert objections(evidence(ledger={"lost": [], "unclear": ["push-ssh of 3.000: cut"]})) == []
