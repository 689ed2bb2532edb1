"""What a fault does to a real execution with a real function: what happened, and what Step Functions sees."""

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
def test_the_answer_is_lost_before_or_after_the_effect(
    settings: Settings,
    counter: Counter,
    start: Start,
    when: str,
    effects: int,
    kind: str,
    options: dict[str, str],
    error: str,
) -> None:
    fault = client.order(settings, kind, function=counter.name, when=when, **options)

    answer = start().end()

    assert (answer["status"], answer["error"]) == ("FAILED", error)
    assert json.loads(answer["cause"])["errorType"] == error
    assert counter.effects() == effects
    assert (fault.state()["seen"], fault.state()["hits"]) == (1, 1)


def test_the_products_retriers_repeat_what_timed_out(settings: Settings, counter: Counter, start: Start) -> None:
    client.order(settings, "function-timeout", function=counter.name, when="after")

    execution = start(*LAMBDA_ERRORS)

    assert execution.end()["status"] == "SUCCEEDED"
    assert execution.errors() == ["Sandbox.Timedout"]
    assert counter.effects() == 2


def test_the_products_retriers_repeat_a_crash_of_the_runtime(
    settings: Settings, counter: Counter, start: Start
) -> None:
    client.order(settings, "function-crash", function=counter.name)

    assert start(*LAMBDA_ERRORS).end()["status"] == "SUCCEEDED"
    assert counter.effects() == 1


@pytest.mark.parametrize(("when", "effects"), [("before", 0), ("after", 1)])
def test_an_invocation_is_held_until_it_is_released(
    settings: Settings, counter: Counter, start: Start, when: str, effects: int
) -> None:
    with client.order(settings, "function-hold", function=counter.name, fields={"step": "freeze"}, when=when) as hold:
        execution = start()
        assert hold.wait(20)["held"] == 1
        assert counter.effects() == effects

        assert hold.release()["held"] == 0

        assert execution.end()["status"] == "SUCCEEDED"
        assert counter.effects() == 1 - effects


def test_who_is_never_released_runs_out_of_time(settings: Settings, counter: Counter, start: Start) -> None:
    client.order(settings, "function-hold", function=counter.name, seconds=0.2)

    assert start().end()["error"] == "Sandbox.Timedout"
    assert counter.effects() == 0


def test_clearing_lets_go(settings: Settings, counter: Counter, start: Start) -> None:
    with client.order(settings, "function-hold", function=counter.name) as hold:
        execution = start()
        hold.wait(20)

    assert execution.end()["status"] == "SUCCEEDED"


def test_waiting_for_what_does_not_happen_is_an_error(settings: Settings, counter: Counter) -> None:
    hold = client.order(settings, "function-hold", function=counter.name)

    with pytest.raises(RehearsalError, match=r"did not hit within .* it saw 0 events"):
        hold.wait(0.1)
    with pytest.raises(RehearsalError, match="holds no invocation"):
        hold.release()


def test_other_events_and_functions_are_left_alone(settings: Settings, counter: Counter, start: Start) -> None:
    others = [
        client.order(settings, "function-crash", function=counter.name, fields={"run.kind": "test-*"}),
        client.order(settings, "function-crash", function=counter.name, fields={"run.secret": "*"}),
        client.order(settings, "function-crash", function=f"{counter.name}x"),
    ]

    assert start().end()["status"] == "SUCCEEDED"
    assert [fault.state()["seen"] for fault in others] == [0, 0, 0]


def test_a_slow_one_runs(settings: Settings, counter: Counter, start: Start) -> None:
    slow = client.order(settings, "function-slow", function=counter.name, seconds=0.1)

    assert start().end()["status"] == "SUCCEEDED"
    assert slow.state()["hits"] == 1


def test_a_caller_of_the_api_gets_a_functions_error(settings: Settings, aws: Clients, counter: Counter) -> None:
    client.order(settings, "function-crash", function=counter.name, message="signal: killed")

    answer = aws("lambda").invoke(FunctionName=counter.name, Payload=b"{}")

    assert answer["FunctionError"] == "Unhandled"
    assert json.load(answer["Payload"])["errorMessage"].endswith("Error: signal: killed")


def test_a_topics_function_is_invoked_again_after_a_crash(settings: Settings, aws: Clients, counter: Counter) -> None:
    topic = aws("sns").create_topic(Name=counter.name)["TopicArn"]
    aws("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=counter.arn)
    crash = client.order(settings, "function-crash", function=counter.name, fields={"Records.0.Sns.Message": "report*"})

    aws("sns").publish(TopicArn=topic, Message="report 1")

    assert counter.effects(wait=20) == 1
    assert crash.state()["hits"] == 1


def test_a_queues_function_crashes_and_the_message_stays(settings: Settings, aws: Clients, counter: Counter) -> None:
    # Longer than an invocation takes on a busy machine: a message that is visible again meanwhile is delivered twice.
    queue = aws("sqs").create_queue(QueueName=f"{counter.name}-source", Attributes={"VisibilityTimeout": "10"})[
        "QueueUrl"
    ]
    arn = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    crash = client.order(settings, "function-crash", function=counter.name)
    aws("sqs").send_message(QueueUrl=queue, MessageBody="one")

    aws("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName=counter.name)

    crash.wait(20)
    assert counter.effects(wait=20) == 1
