"""The effect of a fault on a real execution with a real function, and the error that Step Functions receives."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from state_machines.steps import LAMBDA_ERRORS

from rehearsal.aws.clients import Clients
from rehearsal.aws.faults import client
from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings
from tests.unit.aws.faults.conftest import Counter, Execution

Start = Callable[..., Execution]


@pytest.mark.parametrize(("when", "effects"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize(
    ("kind", "options", "error"),
    [
        ("function-crash", {}, "Runtime.ExitError"),
        ("function-crash", {"error": "RetryableCommandError"}, "RetryableCommandError"),
        ("function-timeout", {}, "Sandbox.Timedout"),
    ],
)
def test_an_invocation_fails_before_or_after_its_effect(
    settings: Settings,
    counter: Counter,
    start: Start,
    when: str,
    effects: int,
    kind: str,
    options: dict[str, str],
    error: str,
) -> None:
    fault = client.inject_fault(settings, kind, function=counter.name, when=when, **options)

    response = start().end()

    assert (response["status"], response["error"]) == ("FAILED", error)
    assert json.loads(response["cause"])["errorType"] == error
    assert counter.effects() == effects
    assert (fault.read_state()["seen"], fault.read_state()["hits"]) == (1, 1)


def test_the_retriers_of_the_product_repeat_a_timed_out_invocation(
    settings: Settings, counter: Counter, start: Start
) -> None:
    client.inject_fault(settings, "function-timeout", function=counter.name, when="after")

    execution = start(*LAMBDA_ERRORS)

    assert execution.end()["status"] == "SUCCEEDED"
    assert execution.errors() == ["Sandbox.Timedout"]
    assert counter.effects() == 2


def test_the_retriers_of_the_product_repeat_a_crashed_invocation(
    settings: Settings, counter: Counter, start: Start
) -> None:
    client.inject_fault(settings, "function-crash", function=counter.name)

    assert start(*LAMBDA_ERRORS).end()["status"] == "SUCCEEDED"
    assert counter.effects() == 1


@pytest.mark.parametrize(("when", "effects"), [("before", 0), ("after", 1)])
def test_an_invocation_is_held_until_it_is_released(
    settings: Settings, counter: Counter, start: Start, when: str, effects: int
) -> None:
    with client.inject_fault(
        settings, "function-hold", function=counter.name, fields={"step": "freeze"}, when=when
    ) as hold:
        execution = start()
        assert hold.wait(20)["held"] == 1
        assert counter.effects() == effects

        assert hold.release()["held"] == 0

        assert execution.end()["status"] == "SUCCEEDED"
        assert counter.effects() == 1 - effects


def test_a_held_invocation_that_is_not_released_times_out(settings: Settings, counter: Counter, start: Start) -> None:
    client.inject_fault(settings, "function-hold", function=counter.name, seconds=0.2)

    assert start().end()["error"] == "Sandbox.Timedout"
    assert counter.effects() == 0


def test_clearing_a_fault_releases_the_held_invocation(settings: Settings, counter: Counter, start: Start) -> None:
    with client.inject_fault(settings, "function-hold", function=counter.name) as hold:
        execution = start()
        hold.wait(20)

    assert execution.end()["status"] == "SUCCEEDED"


def test_a_wait_for_a_fault_that_does_not_hit_is_an_error(settings: Settings, counter: Counter) -> None:
    hold = client.inject_fault(settings, "function-hold", function=counter.name)

    with pytest.raises(RehearsalError, match=r"did not hit within .* it saw 0 events"):
        hold.wait(0.1)
    with pytest.raises(RehearsalError, match="holds no invocation"):
        hold.release()


def test_other_events_and_functions_are_not_affected(settings: Settings, counter: Counter, start: Start) -> None:
    others = [
        client.inject_fault(settings, "function-crash", function=counter.name, fields={"run.kind": "test-*"}),
        client.inject_fault(settings, "function-crash", function=counter.name, fields={"run.secret": "*"}),
        client.inject_fault(settings, "function-crash", function=f"{counter.name}x"),
    ]

    assert start().end()["status"] == "SUCCEEDED"
    assert [fault.read_state()["seen"] for fault in others] == [0, 0, 0]


def test_a_slow_invocation_succeeds(settings: Settings, counter: Counter, start: Start) -> None:
    slow = client.inject_fault(settings, "function-slow", function=counter.name, seconds=0.1)

    assert start().end()["status"] == "SUCCEEDED"
    assert slow.read_state()["hits"] == 1


def test_a_direct_invocation_returns_the_function_error(settings: Settings, aws: Clients, counter: Counter) -> None:
    client.inject_fault(settings, "function-crash", function=counter.name, message="signal: killed")

    response = aws("lambda").invoke(FunctionName=counter.name, Payload=b"{}")

    assert response["FunctionError"] == "Unhandled"
    assert json.load(response["Payload"])["errorMessage"].endswith("Error: signal: killed")


def test_a_crashed_function_of_a_topic_is_invoked_again(settings: Settings, aws: Clients, counter: Counter) -> None:
    topic = aws("sns").create_topic(Name=counter.name)["TopicArn"]
    aws("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=counter.arn)
    crash = client.inject_fault(
        settings, "function-crash", function=counter.name, fields={"Records.0.Sns.Message": "report*"}
    )

    aws("sns").publish(TopicArn=topic, Message="report 1")

    assert counter.effects(wait=20) == 1
    assert crash.read_state()["hits"] == 1


def test_the_message_of_a_crashed_function_stays_in_its_queue(
    settings: Settings, aws: Clients, counter: Counter
) -> None:
    # The timeout must exceed the longest invocation on a busy machine: a message that becomes visible earlier is delivered twice.
    queue = aws("sqs").create_queue(QueueName=f"{counter.name}-source", Attributes={"VisibilityTimeout": "10"})[
        "QueueUrl"
    ]
    arn = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    crash = client.inject_fault(settings, "function-crash", function=counter.name)
    aws("sqs").send_message(QueueUrl=queue, MessageBody="one")

    aws("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName=counter.name)

    crash.wait(20)
    assert counter.effects(wait=20) == 1
