"""What the comparison of source and target has found so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from procedure.state.part import Part


@dataclass
class EqualTables(Part):
    tables: int = 0
    rows: int = 0
    digests: list[str] = field(default_factory=list)
    """objects of the evidence that hold the digest of each of these tables"""


@dataclass
class ComparisonState(Part):
    digest_seconds: float = 0.0
    """of the longest digest of all rows on its machine; 0 when Systems Manager has not measured it"""
    equal: EqualTables = field(default_factory=EqualTables)
    """of earlier comparisons, whose tables the next one leaves out"""
    different_tables: list[str] | None = field(default_factory=list)
    """those to compare again: replication was still on its way, or they are being reloaded. None: every table"""
    tables_compared_by_key: list[str] = field(default_factory=list)
    """large tables of which each row was equal once since `source.log_position`: the window compares only rows written since"""
    reloaded_tables: dict[str, float] = field(default_factory=dict)
    """schema.table: end of its last load before the reload by this run (epoch seconds)"""
    different_file_lines: str = ""
    """JSON list of the lines of the files' digest that differed, as `cutover-site` takes it"""
    written_tables: list[str] | None = None
    """tables written between `source.log_position` and the marker; None: the log does not name them"""
    written_key_ranges: dict[str, list[list[int]]] = field(default_factory=dict)
    """by table: first and last key of each written range, both included"""
