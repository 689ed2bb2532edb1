"""Acknowledge findings of cdk-nag."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_lambda as lambda_
from cdk_nag import AwsSolutionsChecks
from constructs import IConstruct

GRANULAR = ("AwsSolutions-IAM4", "AwsSolutions-IAM5")
"""Rules with one finding for each policy or wildcard, as `AwsSolutions-IAM5[Resource::…]`"""


@dataclass(frozen=True)
class _GranularRule:
    """A rule whose findings on the policies of `place` are acknowledged when the policies are complete."""

    place: IConstruct
    name: str
    reason: str


_waiting: WeakKeyDictionary[IConstruct, list[_GranularRule]] = WeakKeyDictionary()
"""by the root of the construct tree"""


def acknowledge(construct: IConstruct, finding: str, reason: str) -> None:
    """Acknowledge a finding on the construct and below, for a function on its role too.

    A granular rule without its brackets stands for all of its findings there: `acknowledge_granular_findings` adds
    them later. ValueError without a reason: cdk-nag accepts an empty one.
    """
    if len(reason.split()) < 4:
        raise ValueError(f"{construct.node.path}: {finding} needs a reason that a reviewer can evaluate")
    places = [construct]
    if isinstance(construct, lambda_.Function) and construct.role is not None:
        places.append(construct.role)
    for place in places:
        if finding in GRANULAR:
            _waiting.setdefault(place.node.root, []).append(_GranularRule(place, finding, reason))
        else:
            Validations.of(place).acknowledge(Acknowledgment(id=finding, reason=reason))


def acknowledge_granular_findings(root: IConstruct) -> None:
    """Acknowledge the findings of granular rules one by one: cdk-nag has no identifier for all of them.

    Call it once, when all policies are complete. An aspect would do the same, but with a call from Node.js to Python for
    each construct of the tree. A policy that is changed later fails the validation with its new finding.
    """
    rules: dict[IConstruct, dict[str, str]] = {}
    for rule in _waiting.pop(root, []):
        rules.setdefault(rule.place, {})[rule.name] = rule.reason
    checks = AwsSolutionsChecks()
    for place, reasons in rules.items():
        found = [violation.rule_name for violation in checks.validate_scope(place).violations]
        known = [
            Acknowledgment(id=name, reason=reasons[rule])
            for name, rule in ((name, name.partition("[")[0]) for name in found)
            if rule in reasons and name != rule
        ]
        if known:
            Validations.of(place).acknowledge(*known)
