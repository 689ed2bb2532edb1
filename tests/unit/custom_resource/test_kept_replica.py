"""The replica of a suspended run when its resource is deleted: it stays for the next run, unless somebody destroys the stack."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from common.clients.run_record import Record
from common.suspended_replica import Removal
from common.suspension import Checkpoint, Suspension
from custom_resource.resources.run import DESTROYED

from tests.unit.custom_resource.scene import Scene, request

CHECKPOINT = Checkpoint(
    launched_by="m1-c-1", cutover_id="m1", fingerprint="f", source_server_id="s-1", job_id="j-1", instance_id="i-1"
)
SUSPENDED = Record(
    suspended=Suspension(run_id="m1-c-1", phase="Verify", since=1.0, until=2.0, checkpoint=CHECKPOINT).to_json()
)


@pytest.mark.parametrize(
    ("status", "removals"), [("ROLLBACK_IN_PROGRESS", 0), ("UPDATE_ROLLBACK_IN_PROGRESS", 0), (DESTROYED, 2)]
)
def test_a_kept_replica_is_removed_only_with_the_stack(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, status: str, removals: int
) -> None:
    results = [Removal.RUNNING, Removal.REMOVED]
    suspended: Any = SimpleNamespace(remove=lambda: results.pop(0))
    stacks: Any = SimpleNamespace(read=lambda _stack: SimpleNamespace(status=status))
    monkeypatch.setattr(scene.runs, "read", lambda: SUSPENDED)
    resource = replace(scene.resource(), suspended=suspended, stacks=stacks)
    delete = request("Delete", "m1-c-1")

    if removals:  # its removal is waited for
        assert not resource.check_progress(delete).complete

    assert resource.check_progress(delete).complete
    assert len(results) == 2 - removals
