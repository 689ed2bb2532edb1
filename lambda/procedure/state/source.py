"""What is known of the source."""

from __future__ import annotations

from dataclasses import dataclass

from procedure.state.part import Part


@dataclass
class SourceState(Part):
    """Written before the freeze: what the window needs to carry over and compare only what changed."""

    address: str = ""
    """private address of the application server"""
    log_position: str = ""
    """FILE:POSITION in the binary log, from before the rows were compared"""
    changes_at_position: int | None = None
    """rows that the replication had read from the log by then; None: nobody needs it (only a run with a gate does)"""
    idle_database_cores: int | None = None
    """cores of the database server that were idle when the position was read; None: the tool on the machines does not count them"""
    files_compared_since: str = ""
    """moment of the source's clocks from which on changes may be missing in the comparison of all files"""
