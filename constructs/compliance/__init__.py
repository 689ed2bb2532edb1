"""Findings of cdk-nag that are known and meant, each where it belongs."""

from compliance.acknowledge import acknowledge, acknowledge_granular_findings
from compliance.framework import acknowledge_provider, acknowledge_tasks

__all__ = ["acknowledge", "acknowledge_granular_findings", "acknowledge_provider", "acknowledge_tasks"]
