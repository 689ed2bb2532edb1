"""Findings of cdk-nag that are known and meant, each where it belongs."""

from compliance.acknowledge import acknowledge

__all__ = ["acknowledge"]
