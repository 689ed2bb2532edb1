"""The dead man's switch of a machine writes its decision into the run record that the procedure writes."""

from __future__ import annotations

import pytest
from cutover_site.aws.run_record import Decision, RunRecord

from tests.unit.procedure.dynamo import FakeDynamo


@pytest.mark.parametrize(
    ("run", "decision", "in_force"),
    [
        ("r1", "", Decision("r1", "thaw")),
        ("r1", "thaw", Decision("r1", "thaw")),
        ("r1", "rollback", Decision("r1", "rollback")),
        ("r1", "commit", Decision("r1", "commit")),
        ("r2", "", Decision("r2", "")),
        ("r2", "commit", Decision("r2", "commit")),
    ],
)
def test_a_thaw_is_written_only_for_the_own_run_without_a_decision(run: str, decision: str, in_force: Decision) -> None:
    """Given the record of `run`, the switch of a machine that r1 has frozen decides."""
    table = FakeDynamo()
    table.items["gogs"] = {"run_id": {"S": run}, **({"decision": {"S": decision}} if decision else {})}
    before = table.items["gogs"].get("decision")

    assert RunRecord(table, "runs", "gogs").decide_thaw("r1") == in_force  # type: ignore[arg-type]

    is_written = table.items["gogs"].get("decision") != before
    assert is_written is (run == "r1" and not decision)
