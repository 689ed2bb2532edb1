"""The statements of the policies in templates that use AWS MGN, and the functions that have them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.unit.stacks.conftest import Templates

PROCEDURE = "TestLaunchStack.ProcedureFunction"
REMOVERS = {
    "TestLaunchStack.ExpiryFunction",
    *(
        f"{stack}.CustomResources{function}"
        for stack in ("TestLaunchStack", "MigrationStack")
        for function in ("OnEvent", "IsComplete")
    ),
}
INITIALIZER = "ReplicationStack.CustomResourcesOnEvent"
FIRST = "SourceStack.GogsServerProviderInitializationFunction"
ANY = "*"


def list_values(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def list_statements(templates: Templates) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each statement of a policy, with the stack and the name of the role."""
    for stack, key, policy in templates.everywhere("AWS::IAM::Policy"):
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            yield f"{stack}.{key.partition('Role')[0]}", statement


def find_statements(templates: Templates, action: str) -> dict[str, dict[str, Any]]:
    """Return the statements that allow an action, by the name of the role. A role has at most one."""
    found = [(name, one) for name, one in list_statements(templates) if action in list_values(one["Action"])]
    assert len({name for name, _ in found}) == len(found)
    return dict(found)
