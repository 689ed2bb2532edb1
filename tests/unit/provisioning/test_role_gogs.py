"""The order of the role that makes a machine the source's application server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

TASKS = Path(__file__).parents[3] / "assets/ansible/roles/gogs/tasks/main.yml"
READING = {"ansible.builtin.getent", "ansible.builtin.assert"}
PACKAGES = "ansible.builtin.apt"
"""adds programs and replaces no file of the site"""


def test_an_existing_app_ini_is_checked_before_a_task_changes_the_site() -> None:
    tasks: list[dict[str, Any]] = yaml.safe_load(TASKS.read_text())
    commands = [str(task.get("ansible.builtin.command")) for task in tasks]
    checked = commands.index("/opt/cutover/bin/cutover-site configure --check")

    before = [task for task in tasks[:checked] if not (READING | {PACKAGES}) & task.keys()]
    assert before == []
    assert checked < commands.index("/opt/cutover/bin/cutover-site configure")


def test_gogs_starts_only_when_the_database_accepts_its_account() -> None:
    """The database server is installed at the same time."""
    tasks: list[dict[str, Any]] = yaml.safe_load(TASKS.read_text())
    blocks = [[inner.keys() for inner in task.get("block", [])] for task in tasks]
    (login,) = [place for place, keys in enumerate(blocks) if any("database_login" in one for one in keys)]
    starts = [
        place for place, task in enumerate(tasks) if {"ansible.builtin.meta", "ansible.builtin.systemd"} & task.keys()
    ]
    assert starts
    assert login < min(starts)
    assert tasks[login]["block"][0]["no_log"] is True
