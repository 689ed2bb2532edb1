"""Every alarm says what to do, and every dashboard uses the words of the glossary."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from compliance import describe_alarm
from compliance.alarms import DO
from settings import Settings

from stacks.composition import add_stacks

ROOT = Path(__file__).parents[2]
MINIMUM_WORDS = 5
FORMER_WORDS = re.compile(r"\b(machine is behind|thaw source|leftover|admission|turned|drain)\w*", re.IGNORECASE)


@pytest.fixture(scope="module")
def resources() -> list[dict[str, Any]]:
    """Return every resource of the app with the settings of the repository."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = App(context={**context, "aws:cdk:bundling-stacks": []})
    add_stacks(app, Settings.load(ROOT / "migration.toml"))
    return list(read_resources(app))


def read_resources(app: App) -> Iterator[dict[str, Any]]:
    for template in Path(app.synth().directory).glob("*.template.json"):
        yield from json.loads(template.read_text()).get("Resources", {}).values()


def find_problems(resources: list[dict[str, Any]]) -> list[str]:
    """Return each alarm whose description does not say what to do."""
    problems = []
    for alarm in resources:
        if alarm["Type"] not in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
            continue
        text = alarm["Properties"].get("AlarmDescription")
        if not isinstance(text, str) or len(text.partition(DO)[2].split()) < MINIMUM_WORDS:
            problems.append(f"{alarm['Type']}: {text!r}")
    return problems


def test_every_alarm_describes_what_to_do(resources: list[dict[str, Any]]) -> None:
    assert len([one for one in resources if one["Type"] == "AWS::CloudWatch::Alarm"]) >= 4
    assert find_problems(resources) == []


def test_an_alarm_without_something_to_do_is_found() -> None:
    app = App()
    stack = Stack(app, "Stack")
    metric = cloudwatch.Metric(namespace="A", metric_name="b")
    for name, text in (("Silent", None), ("Short", describe_alarm("It is slow", do="look")), ("Late", "It is slow")):
        metric.create_alarm(stack, name, threshold=1, evaluation_periods=1, alarm_description=text)

    assert len(find_problems(list(read_resources(app)))) == 3


def test_a_dashboard_uses_no_former_word(resources: list[dict[str, Any]]) -> None:
    dashboards = [
        json.dumps(one["Properties"]["DashboardBody"])
        for one in resources
        if one["Type"] == "AWS::CloudWatch::Dashboard"
    ]

    assert len(dashboards) == 2
    assert [FORMER_WORDS.findall(text) for text in dashboards] == [[], []]
