"""Find which writes of the ledger client the frozen source accepted: those that it holds. It never changes again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from rehearsal.application import Query
from rehearsal.client.overlap import Identity
from rehearsal.errors import RehearsalError

_OF = " JOIN repository r ON r.id = {0}.repo_id JOIN user u ON u.id = r.owner_id"
_NAME = "CONCAT(u.lower_name, '/', r.lower_name)"
_ISSUES = f"SELECT {_NAME}, i.index, HEX(i.name), HEX(i.content) FROM issue i" + _OF.format("i")
_COMMENTS = f"SELECT {_NAME}, i.index, HEX(c.content) FROM comment c JOIN issue i ON i.id = c.issue_id" + _OF.format(
    "i"
)
_LFS = f"SELECT {_NAME}, l.oid FROM lfs_object l" + _OF.format("l")
_ATTACHMENTS = f"SELECT {_NAME}, i.index, a.uuid FROM attachment a JOIN issue i ON i.id = a.issue_id" + _OF.format("i")


def find_accepted_writes(source: Query, repositories: Path, pushed_to: Iterable[str]) -> set[Identity]:
    """Return the writes that the frozen source holds.

    `pushed_to` names the repositories (owner/name) whose commits count. Raises RehearsalError when one cannot be read.
    """
    found: set[Identity] = set()
    for name, number, title, body in _read_rows(source, _ISSUES):
        found.add(("issue", name, number, _decode_text(title), _decode_text(body)))
    for name, number, body in _read_rows(source, _COMMENTS):
        found.add(("comment", name, number, _decode_text(body)))
    found |= {("lfs", name, oid) for name, oid in _read_rows(source, _LFS)}
    found |= {("attachment", name, number, uuid) for name, number, uuid in _read_rows(source, _ATTACHMENTS)}
    for name in sorted(set(pushed_to)):
        found |= {("commit", name, commit) for commit in _list_commits(repositories / f"{name}.git")}
    return found


def _read_rows(source: Query, statement: str) -> list[list[str]]:
    return [line.split("\t") for line in source(statement)]


def _decode_text(digits: str) -> str:
    return "" if digits == "NULL" else bytes.fromhex(digits).decode()


def _list_commits(repository: Path) -> list[str]:
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "--git-dir", str(repository), "rev-list", "--all"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RehearsalError(f"the source's {repository} could not be read: {done.stderr.strip()[:200]}")
    return done.stdout.split()
