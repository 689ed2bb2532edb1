"""The stand-in returns the recorded responses of the real Gogs 0.14.3 to refused and concurrent requests, and its
headers.

`GOGS_ARCHIVE=<a real release> GOGS_RECORD=1 pytest <this file>` writes the recording.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql
import pytest

from tests.gogs_standin.contract.further import record_all
from tests.gogs_standin.contract.further.site import Site
from tests.gogs_standin.served.servers import ADMIN, Gogs

RECORDING = Path(__file__).parents[1] / "contract/further-0.14.3.json"
KNOWN = {"ssh: shell with a terminal"}
"""known differences of the stand-in (docs/rehearsal-differences.md)"""
pytestmark = pytest.mark.rehearsal


def test_further_responses_equal_the_recorded_ones(gogs: Gogs, tmp_path: Path) -> None:
    site = Site(
        url=gogs.url,
        ssh_port=gogs.ssh,
        administrator=ADMIN,
        sql=lambda *statements: gogs.database.run(f"USE {gogs.schema}", *statements),
        locked_issue=lambda repository, index: _locked_issue(gogs, repository, index),
        admin_command=gogs.admin,
        folder=tmp_path,
    )
    responses = json.loads(json.dumps(record_all(site)))
    if os.environ.get("GOGS_RECORD"):
        RECORDING.write_text(json.dumps(responses, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    recorded = json.loads(RECORDING.read_text())
    known = set() if "GOGS_ARCHIVE" in os.environ else KNOWN
    assert [name for name in responses if name not in recorded] == []
    different = {name: responses.get(name) for name in recorded if responses.get(name) != recorded[name]}
    assert {name: response for name, response in different.items() if name not in known} == {}


@contextmanager
def _locked_issue(gogs: Gogs, repository: int, index: int) -> Iterator[None]:
    """Insert an issue of another writer, and commit it at the end of the block."""
    columns = "repo_id, `index`, poster_id, name, content, is_closed, is_pull, num_comments, created_unix, updated_unix"
    with pymysql.connect(unix_socket=str(gogs.database.socket), user="root", database=gogs.schema) as connection:
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO issue ({columns}) VALUES (%s, %s, 2, 'quick', '', 0, 0, 0, 1, 1)", (repository, index)
            )
            yield
        connection.commit()
