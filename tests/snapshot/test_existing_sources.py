"""The templates of an existing source, as reviewed: what they have otherwise than those of the demo source.

`make snapshots` accepts a change. tests/snapshot/test_templates.py has the templates of the demo source.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from settings import Settings
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.unit.sources.tables import CONFIGURATION, MANAGED, PEERED, ROUTED, write_configuration
from tests.unit.stacks.conftest import Templates, synthesize

HASH = re.compile(r"[0-9a-f]{64}")
PERMANENT, TEMPORARY = ("DataStack", "ServersStack"), ("ReplicationStack", "TestLaunchStack", "MigrationStack")
TABLES = {"peered": PEERED, "routed": ROUTED, "managed": MANAGED}


def mask(template: Mapping[str, Any]) -> dict[str, Any]:
    masked: dict[str, Any] = json.loads(HASH.sub("<hash>", json.dumps(template)))
    return masked


def find_differences(template: Mapping[str, Any], demo: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries of each section that are new or changed, and the names of those that only the demo has."""
    found: dict[str, Any] = {}
    for section in sorted({*template, *demo}):
        ours, theirs = template.get(section, {}), demo.get(section, {})
        if not isinstance(ours, dict):
            continue
        changed = {key: value for key, value in ours.items() if theirs.get(key) != value}
        if changed:
            found[section] = changed
        if missing := sorted(set(theirs) - set(ours)):
            found[f"{section} of the demo alone"] = missing
    return found


@pytest.fixture(scope="module")
def demo() -> Templates:
    return synthesize(Settings.load(CONFIGURATION))


@pytest.fixture(scope="module", params=TABLES)
def existing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Templates]:
    folder: Path = tmp_path_factory.mktemp("site")
    return request.param, synthesize(Settings.load(write_configuration(folder, TABLES[request.param])))


def test_the_stacks_are_those_that_migrate(existing: tuple[str, Templates]) -> None:
    assert sorted(existing[1].by_name) == sorted([*PERMANENT, *TEMPORARY])


@pytest.mark.parametrize("stack", TEMPORARY)
def test_a_stack_differs_from_the_demos_as_reviewed(
    existing: tuple[str, Templates], demo: Templates, stack: str, snapshot: SnapshotAssertion
) -> None:
    kind, templates = existing
    differences = find_differences(mask(templates[stack]), mask(demo[stack]))
    assert differences == snapshot(extension_class=JSONSnapshotExtension, name=f"{stack}-{kind}")


@pytest.mark.parametrize("stack", PERMANENT)
def test_the_stacks_that_stay_are_those_of_the_demo(
    existing: tuple[str, Templates], demo: Templates, stack: str
) -> None:
    """The site that stays does not depend on where it came from."""
    assert mask(existing[1][stack]) == mask(demo[stack])
