"""The parameters that the stacks create below `/cutover/<site>/`, read from the templates in tests/snapshot."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from tests.unit.docs.pages import ROOT

SNAPSHOTS = ROOT / "tests/snapshot/__snapshots__/test_templates"
PREFIX = "/cutover/gogs/"


@cache
def parameters() -> dict[str, str]:
    """Return the value of each parameter, by its name below the prefix; "reference" replaces each value that AWS provides."""
    found = {}
    for path in SNAPSHOTS.glob("*.json"):
        for resource in json.loads(path.read_text(encoding="utf-8"))["Resources"].values():
            if resource["Type"] == "AWS::SSM::Parameter":
                name = resource["Properties"]["Name"].removeprefix(PREFIX)
                found[name] = format_value(resource["Properties"]["Value"])
    return found


def parameter(name: str) -> dict[str, Any]:
    """Return the content of a parameter that is a JSON object."""
    return dict(json.loads(parameters()[name]))


def format_value(value: Any) -> str:
    parts = value["Fn::Join"][1] if isinstance(value, dict) else [value]
    return "".join(part if isinstance(part, str) else "reference" for part in parts)
