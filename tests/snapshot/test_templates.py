"""The reviewed templates. `make snapshots` accepts a change, and the difference in the commit shows its effect on
AWS.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from settings import Settings
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from stacks.composition import add_stacks

ROOT = Path(__file__).parents[2]
HASH = re.compile(r"[0-9a-f]{64}")
STACKS = ("SourceStack", "DataStack", "ServersStack", "ReplicationStack", "TestLaunchStack", "MigrationStack")


@pytest.fixture(scope="module")
def templates() -> dict[str, Any]:
    """Return the templates by stack. Asset hashes are masked, so that the code of a function changes no snapshot."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = App(context={**context, "aws:cdk:bundling-stacks": []})
    add_stacks(app, Settings.load(ROOT / "migration.toml"))
    folder = Path(app.synth().directory)
    return {
        path.name.split(".")[0]: json.loads(HASH.sub("<hash>", path.read_text()))
        for path in sorted(folder.glob("*.template.json"))
    }


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_has_its_reviewed_template(templates: dict[str, Any], stack: str, snapshot: SnapshotAssertion) -> None:
    assert templates[stack] == snapshot(extension_class=JSONSnapshotExtension, name=stack)
