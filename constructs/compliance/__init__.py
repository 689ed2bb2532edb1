"""What a review requires of every construct: reasons for the findings of cdk-nag, and alarms that state what to do."""

from compliance.acknowledge import acknowledge, acknowledge_granular_findings
from compliance.alarms import describe_alarm
from compliance.framework import acknowledge_provider, acknowledge_tasks

__all__ = [
    "acknowledge",
    "acknowledge_granular_findings",
    "acknowledge_provider",
    "acknowledge_tasks",
    "describe_alarm",
]
