"""What the comparison of source and target has found so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from procedure.state.part import Part


@dataclass
class ComparisonState(Part):
    equal_tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    """name: rows and digest of each table that was equal; until they are in the evidence"""
    different_tables: list[str] = field(default_factory=list)
    """those to compare again: replication was still on its way, or they are being reloaded"""
    tables_compared_by_key: list[str] = field(default_factory=list)
    """large tables of which each row was equal once since `source.log_position`: the window compares only rows written since"""
    reloaded_tables: dict[str, float] = field(default_factory=dict)
    """schema.table: when its load before the one that this run asked for had ended (epoch seconds)"""
    different_file_lines: str = ""
    """JSON list of the lines of the files' digest that differed, as `cutover-site` takes it"""
    written_tables: list[str] | None = None
    """tables written between `source.log_position` and the marker; None: the log does not tell them by table"""
    written_key_ranges: dict[str, list[list[int]]] = field(default_factory=dict)
    """by table: first and last key of each written range, both included"""
