"""Least privilege of the procedure's functions, and what the definitions promise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template
from common.errors import Retryable
from common.site_parameters import RunTarget
from procedure import plan
from settings import Settings
from state_machines import CustomResources, Cutover, ProcedureFunction, TestLaunch, build_procedure_environment
from state_machines.steps import build_state_name

from tests.unit.procedure.conftest import definitions
from tests.unit.sources.existing import APPLICATION, DATABASE, describe_existing, import_scope

__all__ = ["definitions"]
TASK = "arn:aws:dms:us-east-1:111122223333:task:ROWS"
CONFIGURATION = Path(__file__).parents[3] / "migration.toml"


@pytest.fixture(scope="module")
def template() -> Template:
    stack = Stack(App(context={"aws:cdk:bundling-stacks": []}), "Stack")
    settings = Settings.load(CONFIGURATION)
    table = dynamodb.Table(
        stack, "Runs", partition_key=dynamodb.Attribute(name="site", type=dynamodb.AttributeType.STRING)
    )
    bucket, queue = s3.Bucket(stack, "Evidence"), sqs.Queue(stack, "Queue")
    source = describe_existing(import_scope(settings), settings)
    environment = build_procedure_environment(stack, settings=settings, runs_table=table, evidence=bucket)
    function = ProcedureFunction(
        stack,
        "Procedure",
        settings=settings,
        source=source,
        environment=environment,
        runs_table=table,
        evidence=bucket,
        replication_task_arn=TASK,
        replica_profile=iam.InstanceProfile(stack, "Replica"),
        reports=queue,
        messages=sns.Topic(stack, "Messages"),
    )
    function.grant_ingress("sg-1")
    function.grant_dns_changes("Z1")
    resources = CustomResources(
        stack,
        "Resources",
        settings=settings,
        source=source,
        environment=environment,
        runs_table=table,
        evidence=bucket,
        replication_task_arn=TASK,
    )
    resources.grant_replica_removal()
    TestLaunch(stack, "TestLaunch", cutover_id="m1", function=function.function, custom_resources=resources)
    Cutover(
        stack,
        "Cutover",
        cutover_id="m1",
        function=function.function,
        custom_resources=resources,
        target=RunTarget(load_balancer_dns="alb"),
        billed="The servers",
    )
    return Template.from_stack(stack)


def statements(template: Template) -> Iterator[dict[str, Any]]:
    for name, policy in template.find_resources("AWS::IAM::Policy").items():
        if "Function" in name or "OnEventRole" in name or "IsCompleteRole" in name or "AskRole" in name:
            yield from policy["Properties"]["PolicyDocument"]["Statement"]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_only_read_actions_have_no_resource(template: Template) -> None:
    for statement in statements(template):
        if "*" in listed(statement["Resource"]):
            verbs = {action.split(":")[1] for action in listed(statement["Action"])}
            assert all(verb.startswith(("Describe", "Get")) for verb in verbs), verbs


def test_no_action_is_a_wildcard(template: Template) -> None:
    for statement in statements(template):
        assert not any(action.endswith(":*") or action == "*" for action in listed(statement["Action"]))


def test_commands_are_permitted_only_on_machines_of_the_migration(template: Template) -> None:
    """Launched machines are known by their tag; the source's servers, which are not of our making, by their ids."""
    commands = [json.dumps(s) for s in statements(template) if "ssm:SendCommand" in listed(s["Action"])]
    assert any("ssm:resourceTag/cutover:role" in one for one in commands)
    assert any(APPLICATION.id in one and DATABASE.id in one for one in commands)
    for one in commands:
        assert "instance/*" not in one or "ssm:resourceTag/cutover:role" in one


def test_console_output_is_read_only_from_launched_machines(template: Template) -> None:
    (statement,) = (s for s in statements(template) if "ec2:GetConsoleOutput" in listed(s["Action"]))

    assert listed(statement["Action"]) == ["ec2:GetConsoleOutput"]
    assert statement["Condition"] == {"StringEquals": {"aws:ResourceTag/cutover:role": ["replica", "target"]}}


def test_no_environment_variable_holds_a_secret(template: Template) -> None:
    for function in template.find_resources("AWS::Lambda::Function").values():
        assert "password" not in json.dumps(function["Properties"].get("Environment", {})).lower()


def test_custom_resources_start_only_their_own_state_machine(template: Template) -> None:
    template.has_resource_properties("Custom::Cutover", {"CutoverId": "m1", "Target": {"load_balancer_dns": "alb"}})
    template.resource_count_is("Custom::TestLaunch", 1)


@pytest.mark.parametrize("kind", ["test-launch", "cutover"])
def test_every_task_retries_only_retryable_errors_and_has_a_limit(definitions: dict[str, Any], kind: str) -> None:
    for name, state in definitions[kind]["States"].items():
        if state["Type"] != "Task":
            continue
        assert state["TimeoutSeconds"] <= 90, name
        assert state["Catch"][0]["ErrorEquals"] == ["States.ALL"], name
        named = {error for retrier in state["Retry"] for error in retrier["ErrorEquals"]}
        assert "States.ALL" not in named
        assert "StepFailed" not in named
        assert set(Retryable.names) <= named
        assert all(retrier["MaxAttempts"] <= 12 and retrier["JitterStrategy"] == "FULL" for retrier in state["Retry"])


def test_every_retryable_error_name_is_a_raised_exception() -> None:
    assert set(Retryable.names) == {kind.__name__ for kind in Retryable.__subclasses__()}


def test_every_failure_before_the_commit_leads_to_the_rollback(definitions: dict[str, Any]) -> None:
    states = definitions["cutover"]["States"]

    for step in (*plan.BEFORE_WINDOW[1:], *plan.WINDOW):
        facts = states[states[build_state_name(step)]["Catch"][0]["Next"]]
        assert facts["Parameters"]["Of"] == step.name
        assert facts["Next"] == "Decide rollback", step.name
    for step in plan.AFTER_COMMIT:
        assert states[build_state_name(step)]["Catch"][0]["Next"] == f"{build_state_name(step)}: warn"


def test_the_window_polls_every_second(definitions: dict[str, Any]) -> None:
    states = definitions["cutover"]["States"]

    assert {
        states[f"{build_state_name(step)}: wait"]["Seconds"] for step in plan.WINDOW if step.poll_interval_seconds
    } == {1}
