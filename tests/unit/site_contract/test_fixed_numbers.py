"""Numbers that the playbooks and the tool on the machines both have: each must be the same in both.

tests/unit/docs/test_numbers.py compares the tool's with the pages.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from cutover_site import layout

ROLES = Path(__file__).parents[3] / "assets/ansible/roles"


def default(role: str, name: str) -> Any:
    return yaml.safe_load((ROLES / role / "defaults/main.yml").read_text())[name]


def test_the_owner_of_the_files_has_one_uid() -> None:
    assert default("gogs", "git_id") == layout.GIT_ID


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("proxy_http_bind", f":{layout.HTTP_PORT}"),
        ("proxy_ssh_bind", f":{layout.SSH_PORT}"),
        ("gogs_http", f"127.0.0.1:{layout.GOGS_HTTP_PORT}"),
        ("gogs_ssh", f"127.0.0.1:{layout.GOGS_SSH_PORT}"),
    ],
)
def test_the_front_listens_and_leads_where_gogs_is_configured(name: str, address: str) -> None:
    assert default("reverse_proxy", name) == address
