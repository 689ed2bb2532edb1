"""The schedule that removes a kept replica: it outlives the cutover's stack, and may do nothing but that."""

from __future__ import annotations

import json
from pathlib import Path

from common.clients.suspended_runs import REMOVAL_SECONDS
from settings import Settings

from tests.unit.sources.tables import CONFIGURATION
from tests.unit.stacks.conftest import synthesize


def test_the_stack_of_the_test_launch_looks_every_five_minutes_for_a_replica_whose_time_is_over() -> None:
    templates = synthesize(Settings.load(Path(CONFIGURATION)))

    (found,) = [
        (name, rule["Properties"])
        for name, _, rule in templates.everywhere("AWS::Events::Rule")
        if "ScheduleExpression" in rule["Properties"]
    ]
    stack, rule = found
    target = rule["Targets"][0]["Arn"]["Fn::GetAtt"][0]
    function = templates.by_name[stack]["Resources"][target]["Properties"]

    # CloudFormation keeps TestLaunchStack when the cutover fails
    assert stack == "TestLaunchStack"
    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    assert function["Handler"] == "expiry.handler.handler"
    # A claim in the run record lasts longer than the function may work
    assert function["Timeout"] < REMOVAL_SECONDS
    # The rule may call the function, which the test launch then depends on
    assert any(
        permission["Properties"]["Principal"] == "events.amazonaws.com"
        for name, _, permission in templates.everywhere("AWS::Lambda::Permission")
        if name == stack and target in json.dumps(permission)
    )
