"""The stand-in returns the recorded responses of the real Gogs 0.14.3."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gogs_standin.served.servers import ADMIN, Gogs

CONTRACT = Path(__file__).parents[1] / "contract"
pytestmark = pytest.mark.rehearsal


def _in_order(recording: dict[str, dict[str, object]], file: Path) -> Path:
    """Sort `my repos` by id. Gogs sorts it by time of change in seconds, so the order within a second is random."""
    body = recording["my repos"]["body"]
    assert isinstance(body, list)
    body.sort(key=lambda repository: int(repository["id"]))
    file.write_text(json.dumps(recording, ensure_ascii=False))
    return file


def test_all_responses_equal_the_recorded_ones(gogs: Gogs, tmp_path: Path) -> None:
    # Given a new site with one administrator, when the recorder sends the requests of the recording
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    command = [
        sys.executable,
        str(CONTRACT / "record.py"),
        "--url",
        gogs.url,
        "--admin",
        ":".join(ADMIN),
        "--ssh-port",
        str(gogs.ssh),
    ]
    recorded = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)
    assert recorded.returncode == 0, recorded.stderr

    # Then the comparison finds no difference in any of the 85 responses
    real = _in_order(json.loads((CONTRACT / "recording-0.14.3.json").read_text()), tmp_path / "real.json")
    here = _in_order(json.loads(recorded.stdout), tmp_path / "here.json")
    compared = subprocess.run(
        [sys.executable, str(CONTRACT / "compare.py"), str(real), str(here)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert compared.stdout == "85 of 85 answers are the real one's\n"


def test_the_schema_equals_the_recorded_one(gogs: Gogs) -> None:
    rows = gogs.database.run(
        "SELECT table_name, column_name, column_type, is_nullable, COALESCE(column_default, IF(is_nullable = 'YES',"
        " 'NULL', '-')), column_key, extra"
        f" FROM information_schema.columns WHERE table_schema = '{gogs.schema}' ORDER BY table_name, ordinal_position"
    )
    recorded = (CONTRACT / "schema-0.14.3.tsv").read_text().splitlines()[1:]
    assert sorted("\t".join(str(value) for value in row) for row in rows) == sorted(recorded)
