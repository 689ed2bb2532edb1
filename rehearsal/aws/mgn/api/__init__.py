"""Handle the operations of MGN, one module for each subject; each has `actions`."""

from __future__ import annotations

from collections.abc import Mapping

from rehearsal.aws.registry import Action, Registry


def register(registry: Registry, *tables: Mapping[str, Action]) -> None:
    """Register the operations with the local AWS."""
    for table in tables:
        registry.register_actions("mgn", table)
