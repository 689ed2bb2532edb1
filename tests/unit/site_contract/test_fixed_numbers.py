"""The number of the application's owner: the playbooks, the tool on the machines and the pages take it from the profile.

tests/unit/docs/test_numbers.py compares the tool's numbers with the pages.
"""

from __future__ import annotations

from pathlib import Path

import yaml
from applications.gogs.profile import PROFILE
from cutover_site import layout

ROLES = Path(__file__).parents[3] / "assets/ansible/roles"


def test_the_owner_of_the_files_has_one_uid() -> None:
    role = yaml.safe_load((ROLES / "gogs/defaults/main.yml").read_text())
    assert role["git_id"] == "{{ profile.owner.uid }}"
    assert PROFILE.owner.uid == layout.GIT_ID
