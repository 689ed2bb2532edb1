"""What hooks and messages add to the templates, and that a site without hooks has nothing of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from settings import Settings

from tests.unit.stacks.conftest import ROOT, Templates

FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:news:live"
TABLES = f"""
[[hooks]]
name = "news"
point = "after-commit"
function = "{FUNCTION}"
seconds = 10

[[hooks]]
name = "banner"
point = "on-rollback"
machine = "source-app"
command = "/usr/local/sbin/banner"
seconds = 10

[messages]
email = ["operations@example.com", "owner@example.com"]
"""


@pytest.fixture(scope="module")
def with_hooks(tmp_path_factory: pytest.TempPathFactory, synthesized: Callable[[Settings], Templates]) -> Templates:
    path: Path = tmp_path_factory.mktemp("site") / "migration.toml"
    path.write_text((ROOT / "migration.toml").read_text() + TABLES)
    return synthesized(Settings.load(path))


def find_procedure(templates: Templates) -> Any:
    (found,) = [
        one
        for one in templates.resources("TestLaunchStack", "AWS::Lambda::Function").values()
        if one["Properties"].get("Description") == "Cutover: one step of the procedure"
    ]
    return found["Properties"]


def list_statements(templates: Templates, action: str) -> list[Any]:
    return [
        statement
        for _, _, policy in templates.everywhere("AWS::IAM::Policy")
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if action in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
    ]


def list_hook_states(templates: Templates, stack: str) -> set[str]:
    text = json.dumps(
        [
            one["Properties"].get("DefinitionString")
            for one in templates.resources(stack, "AWS::StepFunctions::StateMachine").values()
        ]
    )
    return {
        name for name in ("Hooks after commit", "Hooks on rollback") if f'\\"{name}\\"' in text.replace("\\\\", "\\")
    }


def test_the_function_gets_the_hooks_and_may_call_exactly_the_one_function(with_hooks: Templates) -> None:
    hooks = json.loads(find_procedure(with_hooks)["Environment"]["Variables"]["CUTOVER_HOOKS"])

    assert [hook["name"] for hook in hooks] == ["news", "banner"]
    assert FUNCTION in [one["Resource"] for one in list_statements(with_hooks, "lambda:InvokeFunction")]


def test_each_state_machine_has_the_points_of_its_runs(with_hooks: Templates) -> None:
    assert list_hook_states(with_hooks, "MigrationStack") == {"Hooks after commit", "Hooks on rollback"}
    assert list_hook_states(with_hooks, "TestLaunchStack") == {"Hooks on rollback"}


def test_a_site_without_hooks_has_no_variable_no_state_and_no_permission(
    templates: Templates, with_hooks: Templates
) -> None:
    assert "CUTOVER_HOOKS" not in find_procedure(templates)["Environment"]["Variables"]
    assert list_hook_states(templates, "MigrationStack") == set()
    calls = len(list_statements(templates, "lambda:InvokeFunction"))
    assert calls == len(list_statements(with_hooks, "lambda:InvokeFunction")) - 1


def test_each_address_is_subscribed(with_hooks: Templates, templates: Templates) -> None:
    subscribed = with_hooks.resources("ReplicationStack", "AWS::SNS::Subscription").values()

    assert sorted((one["Properties"]["Protocol"], one["Properties"]["Endpoint"]) for one in subscribed) == [
        ("email", "operations@example.com"),
        ("email", "owner@example.com"),
    ]
    assert templates.resources("ReplicationStack", "AWS::SNS::Subscription") == {}


def test_the_procedure_may_publish_to_the_topic_for_people_alone(templates: Templates) -> None:
    arn = find_procedure(templates)["Environment"]["Variables"]["CUTOVER_MESSAGES_TOPIC_ARN"]
    (topic,) = templates.resources("ReplicationStack", "AWS::SNS::Topic").values()

    assert topic["Properties"]["TopicName"] == "cutover-gogs-messages"
    assert arn in [one["Resource"] for one in list_statements(templates, "sns:Publish")]
