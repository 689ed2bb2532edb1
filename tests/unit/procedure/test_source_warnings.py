"""What the check of the source found is a warning of the run."""

from __future__ import annotations

import json

from common.clients.machines import CommandResult

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.machines import FakeMachines
from tests.unit.procedure.world import World


def test_data_that_is_not_migrated_is_reported(world: World, execute: Execute) -> None:
    check = FakeMachines.DATA["check"]
    seen = {**check, "database": {**check["database"], "not_carried": ["view busiest", "trigger stamp"]}}
    world.responses["check"] = lambda *_: CommandResult(ok=True, facts={"ok": True, **seen})

    assert execute("cutover").status == "SUCCEEDED"

    (warning,) = json.loads(world.files["runs/m1-cutover/outputs.json"])["warnings"]
    assert "view busiest; trigger stamp" in warning


def test_sign_in_by_reverse_proxy_header_is_reported(world: World, execute: Execute) -> None:
    check = FakeMachines.DATA["check"]
    expected = "the site signs users in by a header; a proxy still sends one: 10.0.3.7 (12 requests)"
    seen = {**check, "identity": {"enabled": True, "problem": "", "warning": expected}}
    world.responses["check"] = lambda *_: CommandResult(ok=True, facts={"ok": True, **seen})

    assert execute("cutover").status == "SUCCEEDED"

    (warning,) = json.loads(world.files["runs/m1-cutover/outputs.json"])["warnings"]
    assert expected in warning
