"""A granular rule is acknowledged finding by finding, at the place that gave the reason, and nowhere else."""

from __future__ import annotations

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_iam as iam
from cdk_nag import AwsSolutionsChecks
from compliance import acknowledge, acknowledge_granular_findings

REASON = "A reason that a reviewer can judge."


def add_role(stack: Stack, name: str, *resources: str) -> iam.Role:
    role = iam.Role(stack, name, assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    add_statement(role, *resources)
    return role


def add_statement(role: iam.Role, *resources: str) -> None:
    role.add_to_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=list(resources)))


def list_findings(app: App) -> set[str]:
    return {one.rule_name for one in AwsSolutionsChecks(app).validate_scope(app).violations}


def test_every_finding_of_a_granular_rule_is_acknowledged_at_its_place_only() -> None:
    app = App()
    stack = Stack(app, "Stack")
    acknowledge(add_role(stack, "Known", "arn:aws:s3:::one/*", "arn:aws:s3:::two/*"), "AwsSolutions-IAM5", REASON)
    add_role(stack, "Other", "arn:aws:s3:::three/*")
    acknowledge_granular_findings(app)
    assert list_findings(app) == {"AwsSolutions-IAM5[Resource::arn:aws:s3:::three/*]"}


def test_a_statement_that_is_added_after_the_acknowledgement_of_its_rule_counts() -> None:
    app = App()
    role = iam.Role(Stack(app, "Stack"), "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    acknowledge(role, "AwsSolutions-IAM5", REASON)
    add_statement(role, "arn:aws:s3:::early/*")
    acknowledge_granular_findings(app)
    assert list_findings(app) == set()
    add_statement(role, "arn:aws:s3:::late/*")
    assert list_findings(app) == {"AwsSolutions-IAM5[Resource::arn:aws:s3:::late/*]"}


def test_another_rule_is_not_acknowledged() -> None:
    app = App()
    acknowledge(add_role(Stack(app, "Stack"), "Role", "arn:aws:s3:::one/*"), "AwsSolutions-IAM4", REASON)
    acknowledge_granular_findings(app)
    assert list_findings(app) == {"AwsSolutions-IAM5[Resource::arn:aws:s3:::one/*]"}


def test_two_apps_do_not_share_their_acknowledgements() -> None:
    first, second = App(), App()
    role = add_role(Stack(first, "Stack"), "Role", "arn:aws:s3:::one/*")
    acknowledge(role, "AwsSolutions-IAM5", REASON)
    add_role(Stack(second, "Stack"), "Role", "arn:aws:s3:::one/*")
    acknowledge_granular_findings(second)
    assert list_findings(second) == {"AwsSolutions-IAM5[Resource::arn:aws:s3:::one/*]"}
    add_statement(role, "arn:aws:s3:::two/*")
    acknowledge_granular_findings(first)
    assert list_findings(first) == set()


def test_an_empty_reason_is_refused() -> None:
    app = App()
    with pytest.raises(ValueError, match="needs a reason"):
        acknowledge(add_role(Stack(app, "Stack"), "Role", "arn:aws:s3:::one/*"), "AwsSolutions-IAM5", "")
