"""The demo content, created twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.gogs_standin.served.servers import ADMIN, Gogs

ASSETS = Path(__file__).parents[3] / "assets"
LIST = "SELECT table_name FROM information_schema.tables WHERE table_schema = '{}'"
pytestmark = pytest.mark.rehearsal


def _seed(gogs: Gogs, tmp_path: Path) -> dict[str, object]:
    (tmp_path / "password").write_text(ADMIN[1])
    command = [
        sys.executable,
        str(ASSETS / "demo_content/seed.py"),
        "--url",
        gogs.url,
        "--admin-user",
        ADMIN[0],
        "--password-file",
        str(tmp_path / "password"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ASSETS / "site")}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    result: dict[str, object] = json.loads(done.stdout)
    return result


def _read_counts(gogs: Gogs) -> dict[object, object]:
    tables = [row[0] for row in gogs.database.run(LIST.format(gogs.schema))]
    return {table: gogs.database.run(f"SELECT COUNT(*) FROM {gogs.schema}.`{table}`")[0][0] for table in tables}


def test_the_demo_content_is_complete_and_created_only_once(gogs: Gogs, tmp_path: Path) -> None:
    # When the script creates the content
    first = _seed(gogs, tmp_path)
    counts = _read_counts(gogs)

    # Then all kinds of content of a migration exist
    assert int(str(first["users"])) >= 5
    assert int(str(first["repositories"])) >= 20
    rows = gogs.database.run(f"SELECT r.name, r.is_bare, r.is_private, r.is_fork FROM {gogs.schema}.repository r")
    assert [sum(bool(row[column]) for row in rows) for column in (1, 2, 3)] == [1, 1, 2]
    assert gogs.database.run(f"SELECT MAX(LENGTH(content)) > 32768 FROM {gogs.schema}.issue") == [(1,)]
    for table in (
        "attachment",
        "comment",
        "label",
        "milestone",
        "public_key",
        "webhook",
        "release",
        "star",
        "lfs_object",
    ):
        assert counts[table], table
    assert len(list(gogs.repositories.glob("*/*.wiki.git"))) == 2

    # And texts are unchanged
    issue = requests.get(f"{gogs.url}/api/v1/repos/acme/website/issues/1", headers=gogs.token(), timeout=20).json()
    assert issue["title"] == "Umlaute äöü im Titel"
    assert issue["user"]["full_name"] == "Bob O&#39;Neill"
    assert gogs.database.run(f"SELECT full_name FROM {gogs.schema}.user WHERE name = 'bob'") == [("Bob O'Neill",)]

    # When the script runs again, then it creates nothing
    second = _seed(gogs, tmp_path)
    assert second["created"] == 0
    # One token is new: this test requested it.
    assert _read_counts(gogs) == {**counts, "access_token": int(str(counts["access_token"])) + 1}
