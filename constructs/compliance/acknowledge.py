"""Acknowledge findings of cdk-nag."""

from __future__ import annotations

import jsii
from aws_cdk import Acknowledgment, Aspects, IAspect, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from cdk_nag import AwsSolutionsChecks
from constructs import IConstruct

GRANULAR = ("AwsSolutions-IAM4", "AwsSolutions-IAM5")
"""Rules with one finding for each policy or wildcard, as `AwsSolutions-IAM5[Resource::…]`"""


def acknowledge(construct: IConstruct, finding: str, reason: str) -> None:
    """Acknowledge a finding on the construct and below, for a function on its role too.

    A granular rule without its brackets stands for all of its findings there. ValueError without a reason: cdk-nag accepts an empty one.
    """
    if len(reason.split()) < 4:
        raise ValueError(f"{construct.node.path}: {finding} needs a reason that a reviewer can judge")
    places = [construct]
    if isinstance(construct, lambda_.Function) and construct.role is not None:
        places.append(construct.role)
    for place in places:
        if finding in GRANULAR:
            Aspects.of(place).add(_EachFinding(finding, reason))
        else:
            Validations.of(place).acknowledge(Acknowledgment(id=finding, reason=reason))


@jsii.implements(IAspect)
class _EachFinding:
    """Acknowledges all findings of a rule, policy by policy: cdk-nag has no identifier for all of them."""

    def __init__(self, rule: str, reason: str) -> None:
        self._rule, self._reason = rule, reason

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, iam.CfnPolicy | iam.CfnRole):
            for violation in AwsSolutionsChecks().validate_scope(node).violations:
                if violation.rule_name.startswith(f"{self._rule}["):
                    Validations.of(node).acknowledge(Acknowledgment(id=violation.rule_name, reason=self._reason))
