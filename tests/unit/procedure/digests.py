"""Digests of two tables, as the machines return them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.clients.machines import CommandResult


def create_digests(**rows: int) -> CommandResult:
    tables = {"user": {"rows": 5, "digest": "aa"}, "issue": {"rows": 40, "digest": "bb"}}
    return CommandResult(
        ok=True, facts={"ok": True, "tables": {n: {**t, "rows": rows.get(n, t["rows"])} for n, t in tables.items()}}
    )


def select_tables(options: Mapping[str, Any], result: CommandResult) -> CommandResult:
    """Return the result for the tables that the options select, as the real verb does."""
    names = options["tables"].split(",") if options["tables"] else result.facts["tables"]
    return CommandResult(
        ok=True, facts={**result.facts, "tables": {name: result.facts["tables"][name] for name in names}}
    )
