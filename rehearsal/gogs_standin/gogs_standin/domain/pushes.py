"""Record a push in the database: the repository's size and time, the feed, and the webhooks to deliver."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pymysql

from .. import PROTECTED_VARIABLE, PUSH_VARIABLE
from ..config.config import Config
from ..git.changes import Change
from ..git.command import GitError
from ..git.repository import Commit, Repository
from ..store.database import Session
from . import access, actions, clock, paths, repositories, users, webhooks
from .actions import Kind
from .exceptions import Missing
from .formats import Formats

_log = logging.getLogger(__name__)
SHOWN_COMMITS = 20
"""maximum of a push's commits in the feed and in webhooks"""


@dataclass(frozen=True)
class Push:
    """The user and the repository of a push. The server or an SSH session passes them to the hooks that git starts."""

    pusher_id: int
    repository_id: int
    protected: bool = False
    """the repository has protected branches"""

    def build_environment(self) -> dict[str, str]:
        protected = {PROTECTED_VARIABLE: "1"} if self.protected else {}
        return {PUSH_VARIABLE: f"{self.pusher_id} {self.repository_id}", **protected}

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Push:
        """Return the push from a hook's environment. Raises KeyError or ValueError outside of a push."""
        pusher, repository = environ[PUSH_VARIABLE].split(" ")
        return cls(int(pusher), int(repository), PROTECTED_VARIABLE in environ)


def record_push(db: Session, config: Config, push: Push, changes: Sequence[Change]) -> None:
    """Record a push whose refs have already changed.

    What cannot be written (in a read-only database) is logged and dropped.
    """
    try:
        _record_push(db, config, push, changes)
    except (pymysql.MySQLError, GitError, Missing, LookupError) as error:
        _log.error("push of user %s to repository %s: %s", push.pusher_id, push.repository_id, error)
        db.roll_back()


def _record_push(db: Session, config: Config, push: Push, changes: Sequence[Change]) -> None:
    repository = repositories.get_by_id(db, push.repository_id)
    owner, pusher = users.get_by_id(db, repository["owner_id"]), users.get_by_id(db, push.pusher_id)
    bare = Repository(paths.locate_repository(config, owner["name"], repository["name"]))
    db.run(
        "UPDATE repository SET size = %s, updated_unix = %s, is_bare = 0 WHERE id = %s",
        bare.measure_size(), clock.now(), repository["id"],
    )  # fmt: skip
    formats = Formats(config, db)
    common = {
        "repository": formats.format_repository(owner, repository, access.OWNER),
        "sender": formats.format_user(pusher),
    }
    for change in changes:
        for kind in _find_kinds(change):
            commits = [] if change.is_tag or change.deleted else _list_commits(bare, change)
            content = _format_feed_text(commits) if commits else ""
            actions.record(db, kind, pusher, owner, repository, ref=change.name, content=content)
            shown = [formats.format_payload_commit(commit) for commit in commits]
            event, payload = _build_event(kind, change, shown, common["repository"]["html_url"])
            webhooks.queue(db, owner, repository, event, {**payload, **common, "pusher": common["sender"]})


def _find_kinds(change: Change) -> tuple[Kind, ...]:
    """Return the kinds of activity. A new branch has two: its creation and its commits."""
    if change.is_tag:
        return (Kind.TAG_DELETED if change.deleted else Kind.TAG,)
    if change.deleted:
        return (Kind.BRANCH_DELETED,)
    return (Kind.BRANCH, Kind.COMMITS) if change.made else (Kind.COMMITS,)


def _list_commits(bare: Repository, change: Change) -> list[Commit]:
    """Return the new commits, newest first."""
    new = change.new if change.made else f"{change.old}..{change.new}"
    return list(bare.log(new, f"--max-count={SHOWN_COMMITS}"))


def _build_event(kind: Kind, change: Change, commits: list[dict[str, Any]], address: str) -> tuple[str, dict[str, Any]]:
    if kind is Kind.COMMITS:
        compared = "" if change.made else f"{address}/compare/{change.old}...{change.new}"
        content = {"before": change.old, "after": change.new, "compare_url": compared, "commits": commits}
        return "push", {"ref": change.ref, **content}
    described = {"ref": change.name, "ref_type": "tag" if change.is_tag else "branch"}
    return ("delete", described) if change.deleted else ("create", {**described, "sha": change.new})


def _format_feed_text(commits: list[Commit]) -> str:
    shown = [{"id": commit.id, "by": commit.author.name, "summary": commit.summary} for commit in commits]
    return json.dumps({"commits": shown}, ensure_ascii=False)
