"""With kind = "mgn" the events of the service reach a queue, and the steps that wait for them are invoked again at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from settings import Settings

from tests.unit.providers.mgn_statements import (
    PROCEDURE,
    find_statements,
    list_values,
)
from tests.unit.providers.tables import CLOUDENDURE, MGN_WITH_EVERY_KEY, write_configuration
from tests.unit.stacks.conftest import Templates, synthesize


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return synthesize(Settings.load(write_configuration(tmp_path_factory.mktemp("site"), MGN_WITH_EVERY_KEY)))


def list_rules_of_events(templates: Templates) -> list[tuple[str, dict[str, Any]]]:
    """Return the rules that wait for events, by their logical ids. A schedule waits for none."""
    return [
        (key, rule["Properties"])
        for _, key, rule in templates.everywhere("AWS::Events::Rule")
        if "EventPattern" in rule["Properties"]
    ]


def read_wait_seconds(templates: Templates) -> dict[str, int]:
    """Return the seconds between two invocations of a step, by the name of the step's state."""
    found: dict[str, int] = {}
    for _, _, machine in templates.everywhere("AWS::StepFunctions::StateMachine"):
        parts = machine["Properties"]["DefinitionString"]["Fn::Join"][1]
        states = json.loads("".join(part if isinstance(part, str) else "arn" for part in parts))["States"]
        found |= {name: state["Seconds"] for name, state in states.items() if state["Type"] == "Wait"}
    return found


def test_the_events_of_mgn_reach_a_queue_that_only_the_procedure_reads(templates: Templates) -> None:
    ((queue, _),) = (
        item
        for item in templates.resources("TestLaunchStack", "AWS::SQS::Queue").items()
        if item[0].startswith("ProviderEvents")
    )
    ((_, rule),) = list_rules_of_events(templates)
    assert rule["EventPattern"]["source"] == ["aws.mgn"]
    assert "MGN Source Server Launch Result" in rule["EventPattern"]["detail-type"]
    assert [target["Arn"] for target in rule["Targets"]] == [{"Fn::GetAtt": [queue, "Arn"]}]

    readers = [
        name
        for name, one in find_statements(templates, "sqs:ReceiveMessage").items()
        if {"Fn::GetAtt": [queue, "Arn"]} in list_values(one["Resource"])
    ]
    functions = {
        key.partition("0")[0]
        for _, key, one in templates.everywhere("AWS::Lambda::Function")
        if "CUTOVER_PROVIDER_EVENTS_QUEUE_URL" in one["Properties"].get("Environment", {}).get("Variables", {})
    }
    assert readers == [PROCEDURE]
    assert len(functions) == 1
    assert functions.pop().startswith("ProcedureFunction")


def test_only_the_rule_may_send_to_the_queue_and_only_encrypted(templates: Templates) -> None:
    (policy,) = (
        one["Properties"]["PolicyDocument"]["Statement"]
        for key, one in templates.resources("TestLaunchStack", "AWS::SQS::QueuePolicy").items()
        if key.startswith("ProviderEvents")
    )
    ((rule, _),) = list_rules_of_events(templates)
    (admitted,) = [one for one in policy if one["Effect"] == "Allow"]
    assert admitted["Principal"] == {"Service": "events.amazonaws.com"}
    assert admitted["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": [rule, "Arn"]}}}
    (refused,) = [one for one in policy if one["Effect"] == "Deny"]
    assert refused["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_step_that_waits_for_an_event_is_invoked_again_almost_at_once(templates: Templates) -> None:
    seconds = read_wait_seconds(templates)
    assert seconds["Await job: wait"] == seconds["Rollback replica: wait"] == 1
    assert seconds["Preflight: wait"] == 5


def test_a_provider_without_events_has_no_queue_for_them(tmp_path: Path) -> None:
    templates = synthesize(Settings.load(write_configuration(tmp_path, CLOUDENDURE)))

    assert list_rules_of_events(templates) == []
    assert "PROVIDER_EVENTS" not in json.dumps(templates.by_name)
    assert "ProviderInitialization" not in json.dumps(templates.by_name)
    assert read_wait_seconds(templates)["Await job: wait"] == 5
