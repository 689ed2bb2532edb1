"""Enforce protected branches: rows of `protect_branch` that restrict pushes, also those of the site's administrators."""

from __future__ import annotations

from collections.abc import Iterable

from ..git.changes import Change
from ..git.command import GitError
from ..git.repository import Repository
from ..store.database import Row, Session


def has_any(db: Session, repository_id: int) -> bool:
    """Return whether the repository has a protected branch."""
    return db.fetch_one("SELECT id FROM protect_branch WHERE repo_id = %s AND protected = 1", repository_id) is not None


def find_rejection_reason(
    db: Session, bare: Repository, repository_id: int, user_id: int, changes: Iterable[Change]
) -> str | None:
    """Return why a push is refused, in the recorded text, or None.

    The first change that is not allowed decides.
    """
    for change in changes:
        # Gogs applies the rule of a branch also to a tag with the same name.
        rule = db.fetch_one(
            "SELECT * FROM protect_branch WHERE repo_id = %s AND name = %s AND protected = 1",
            repository_id,
            change.name,
        )
        if rule and (reason := _find_reason(db, bare, rule, user_id, change)):
            return reason
    return None


def _find_reason(db: Session, bare: Repository, rule: Row, user_id: int, change: Change) -> str | None:
    subject = f"Branch '{change.name}' is protected"
    if rule["enable_whitelist"] and not _is_listed(db, rule["repo_id"], user_id, change.name):
        return f"{subject} and you are not in the push whitelist"
    if rule["require_pull_request"] and not rule["enable_whitelist"]:
        return f"{subject} and commits must be merged through pull request"
    if change.deleted:
        return f"{subject} from deletion"
    try:
        return f"{subject} from force push" if bare.is_lacking(change.new, change.old) else None
    except GitError:
        return "Internal error"  # recorded: a push cannot create a protected branch


def _is_listed(db: Session, repository_id: int, user_id: int, name: str) -> bool:
    found = db.fetch_one(
        "SELECT id FROM protect_branch_whitelist WHERE repo_id = %s AND user_id = %s AND name = %s",
        repository_id, user_id, name,
    )  # fmt: skip
    return found is not None
