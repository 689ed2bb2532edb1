"""The table of the markers, from the statement that the playbook executes on the source's database server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

TASKS = Path(__file__).parents[2] / "assets/ansible/roles/database/tasks/main.yml"


def render_marker_table() -> str:
    """Return the CREATE TABLE of `cutover.marker`."""
    tasks: list[dict[str, Any]] = yaml.safe_load(TASKS.read_text())
    inner = [task for block in tasks for task in block.get("block", [])]
    statements = [line for task in inner for line in task.get("database_accounts", {}).get("statements", [])]
    (found,) = [line for line in statements if "cutover.marker" in line]
    return str(found)
