"""The order in which the resources of a stack are created.

CloudFormation creates at the same time what does not depend on each other. ministack 1.5.33 creates one resource after the
other, by name, so a wait condition would also delay what has nothing to do with it. Wait conditions therefore come last:
machines are installed side by side, as on AWS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services.cloudformation import engine, stacks  # type: ignore[import-untyped]

WAIT_CONDITION = "AWS::CloudFormation::WaitCondition"
Resources = dict[str, dict[str, Any]]
Sort = Callable[[Resources, dict[str, bool]], list[str]]


def install() -> None:
    """Let stacks create their resources in this order. Deletion has the reverse order."""
    sort: Sort = engine._topological_sort
    stacks._topological_sort = lambda resources, conditions: delay_waits(resources, sort(resources, conditions))


def delay_waits(resources: Resources, ordered: list[str]) -> list[str]:
    """Return the names in an order in which each wait condition comes after all that does not need it."""
    names = set(ordered)
    needed = {name: engine._extract_deps(resources[name], names) - {name} for name in ordered}
    remaining, created, result = list(ordered), set[str](), list[str]()
    while remaining:
        ready = [name for name in remaining if needed[name] <= created]
        name = next((one for one in ready if resources[one].get("Type") != WAIT_CONDITION), ready[0])
        remaining.remove(name)
        created.add(name)
        result.append(name)
    return result
