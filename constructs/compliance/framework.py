"""Findings on what the CDK itself makes: the Provider framework of custom resources, the role of a state machine."""

from __future__ import annotations

from aws_cdk import aws_stepfunctions as sfn
from constructs import IConstruct

from compliance.acknowledge import acknowledge


def acknowledge_provider(provider: IConstruct) -> None:
    """Acknowledge the findings on a `custom_resources.Provider`: three functions and a state machine of the CDK, with the CDK's rights."""
    for finding, reason in (
        ("AwsSolutions-IAM4", "The CDK's own framework functions: the policy lets them write their logs."),
        ("AwsSolutions-IAM5", "The CDK's own framework may call the versions of exactly the functions it was given."),
        ("AwsSolutions-L1", "The CDK pins the runtime that its framework functions were tested with."),
        ("AwsSolutions-SF1", "The CDK's own waiting loop; the procedure that it waits for logs everything."),
        ("AwsSolutions-SF2", "The CDK's own waiting loop; the procedure that it waits for is traced."),
    ):
        acknowledge(provider, finding, reason)


def acknowledge_tasks(machine: sfn.StateMachine) -> None:
    """Acknowledge the finding on a state machine with Lambda tasks, logging and tracing."""
    acknowledge(
        machine.role,
        "AwsSolutions-IAM5",
        "Versions of the one function it calls; log delivery and X-Ray know no narrower resource.",
    )
