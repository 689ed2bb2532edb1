"""Permissions and agent variables that only one provider's templates have. `make snapshots` accepts a change."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from settings import Settings
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.unit.providers.tables import CLOUDENDURE, MGN, write_configuration
from tests.unit.stacks.conftest import Templates, synthesize

HASH = re.compile(r"[0-9a-f]{64}")


def to_text(value: Any) -> str:
    """Return a property as one text, with `<…>` for what CloudFormation resolves."""
    match value:
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(to_text(part) for part in parts)
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Fn::ImportValue": name}:
            return f"<{name}>"
        case {"Fn::Sub": text}:
            return str(text)
        case dict() | list():
            return json.dumps(value, sort_keys=True)
    return str(value)


def list_rights(templates: Templates) -> set[str]:
    """Return each action of each role with its resources and conditions, and the role's managed policies."""
    found = set()
    for stack, key, policy in templates.everywhere("AWS::IAM::Policy"):
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            actions, resources = (
                value if isinstance(value, list) else [value] for value in (statement["Action"], statement["Resource"])
            )
            condition = f" if {to_text(statement['Condition'])}" if "Condition" in statement else ""
            found |= {
                f"{stack}.{key}: {action} on {to_text(resource)}{condition}"
                for action in actions
                for resource in resources
            }
    for stack, key, role in templates.everywhere("AWS::IAM::Role"):
        found |= {f"{stack}.{key}: {to_text(arn)}" for arn in role["Properties"].get("ManagedPolicyArns", [])}
    return found


def list_variables(templates: Templates) -> set[str]:
    """Return the variables of the playbooks."""
    plans = [to_text(one["Properties"]["Value"]) for _, _, one in templates.everywhere("AWS::SSM::Parameter")]
    variables = [json.loads(plan)["variables"] for plan in plans if '"variables"' in plan]
    return {f"{name} = {value}" for one in variables for name, value in one.items()}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Rights and variables by kind."""
    folder = tmp_path_factory.mktemp("site")
    found = {}
    for kind, table in (("mgn", MGN), ("cloudendure", CLOUDENDURE)):
        templates = synthesize(Settings.load(write_configuration(folder, table)))
        found[kind] = {HASH.sub("<hash>", line) for line in list_rights(templates) | list_variables(templates)}
    return found


@pytest.mark.parametrize(("kind", "other"), [("mgn", "cloudendure"), ("cloudendure", "mgn")])
def test_what_one_provider_alone_has(
    both: dict[str, set[str]], kind: str, other: str, snapshot: SnapshotAssertion
) -> None:
    assert sorted(both[kind] - both[other]) == snapshot(extension_class=JSONSnapshotExtension, name=kind)
