"""The rows and commits of the source are converted to the identities of the writes in the ledger."""

import subprocess
from pathlib import Path

import pytest

from rehearsal.errors import RehearsalError
from rehearsal.gogs.accepted_writes import find_accepted_writes
from tests.unit.job.conftest import Commit


def source(statement: str) -> list[str]:
    def digits(text: str) -> str:
        return text.encode().hex().upper()

    results = {
        " comment ": [f"ledger/web\t7\t{digits('Grüße')}", "demo/x\t1\tNULL"],
        "lfs_object": ["ledger/web\tabc"],
        "FROM attachment": ["ledger/web\t8\tu-u"],
        "FROM issue": [f"ledger/web\t7\t{digits('Issue 1')}\t{digits('Grüße №')}"],
    }
    return next(rows for part, rows in results.items() if part in statement)


def test_every_kind_of_write_is_found(tmp_path: Path, commit: Commit) -> None:
    made = commit(tmp_path / "ledger/http.git")
    assert find_accepted_writes(source, tmp_path, ["ledger/http"]) == {
        ("comment", "ledger/web", "7", "Grüße"),
        ("comment", "demo/x", "1", ""),
        ("lfs", "ledger/web", "abc"),
        ("attachment", "ledger/web", "8", "u-u"),
        ("issue", "ledger/web", "7", "Issue 1", "Grüße №"),
        ("commit", "ledger/http", made),
    }


def test_an_unreadable_repository_is_an_error_and_an_empty_one_is_not(tmp_path: Path) -> None:
    with pytest.raises(RehearsalError, match="could not be read"):
        find_accepted_writes(source, tmp_path, ["ledger/none"])
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "ledger/empty.git")], check=True)
    assert ("lfs", "ledger/web", "abc") in find_accepted_writes(source, tmp_path, ["ledger/empty"])
