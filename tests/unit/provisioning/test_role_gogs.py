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
