"""What a push leaves in the database: the repository's size and time, rows of activity, webhooks that wait."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ..config.config import Config
from ..git.command import git
from ..git.ids import EMPTY_ID
from ..git.repository import Commit, Repository
from ..store.database import Row, Session
from . import access, actions, clock, places, repositories, users, webhooks
from .clock import rfc3339
from .formats import Formats

FEED_COMMITS = 5
"""How many commits of a push the feed keeps (Gogs: [ui] FEED_MAX_COMMIT_NUM)."""
NEW_BRANCH_COMMITS = 10


@dataclass(frozen=True)
class Push:
    """One ref of a push. `old` or `new` may be the empty id, not both."""

    ref: str
    old: str
    new: str
    pusher: str
    owner: str
    name: str


def record(db: Session, config: Config, push: Push) -> None:
    """Raises pymysql.MySQLError, GitError, Missing; the ref has moved by then, whatever happens here."""
    bare = Repository(places.repository(config, push.owner, push.name))
    git("update-server-info", cwd=bare.path)
    owner, repository = repositories.by_name(db, push.owner, push.name)
    repositories.update_size(db, config, owner, repository)
    db.run("UPDATE repository SET updated_unix = %s, is_bare = 0 WHERE id = %s", clock.now(), repository["id"])
    pusher = users.by_name(db, push.pusher)
    if not pusher:
        raise LookupError(f"pusher {push.pusher}")
    told = _Told(db, config, pusher, owner, repository)
    if push.ref.startswith("refs/tags/"):
        told.tag(push)
    else:
        told.branch(push, bare)


class _Told:
    """Who hears of the push."""

    def __init__(self, db: Session, config: Config, pusher: Row, owner: Row, repository: Row) -> None:
        self._db, self._config, self._formats = db, config, Formats(config, db)
        self._pusher, self._owner, self._repository = pusher, owner, repository
        self._common = {
            "repository": self._formats.repository(owner, repository, access.OWNER),
            "sender": self._formats.user(pusher),
        }

    def tag(self, push: Push) -> None:
        name = push.ref.removeprefix("refs/tags/")
        gone = push.new == EMPTY_ID
        self._hook("delete" if gone else "create", {"ref": name, "ref_type": "tag", "sha": push.new})
        self._action(actions.DELETE_TAG if gone else actions.PUSH_TAG, name)

    def branch(self, push: Push, bare: Repository) -> None:
        name = push.ref.removeprefix("refs/heads/")
        if push.new == EMPTY_ID:
            self._hook("delete", {"ref": name, "ref_type": "branch", "pusher_type": "user"})
            self._action(actions.DELETE_BRANCH, name)
            return
        new = push.old == EMPTY_ID
        limits = (push.new, f"--max-count={NEW_BRANCH_COMMITS}") if new else (f"{push.old}..{push.new}",)
        commits = list(bare.log(*limits))
        compare = "" if new else f"{self._owner['name']}/{self._repository['name']}/compare/{push.old}...{push.new}"
        content = _feed_content(commits, compare)
        if new:
            self._hook("create", {"ref": name, "ref_type": "branch", "sha": push.new})
            self._action(actions.CREATE_BRANCH, name, content)
        self._hook(
            "push",
            {
                "ref": push.ref,
                "before": push.old,
                "after": push.new,
                "compare_url": self._config.external_url + compare if compare else "",
                "commits": [self._formats.payload_commit(commit) for commit in commits[:FEED_COMMITS]],
                "pusher": self._common["sender"],
            },
        )
        self._action(actions.COMMIT_REPO, name, content)

    def _hook(self, event: str, payload: dict[str, Any]) -> None:
        webhooks.prepare(self._db, self._owner, self._repository, event, {**payload, **self._common})

    def _action(self, kind: int, ref: str, content: str = "") -> None:
        actions.record(self._db, kind, self._pusher, self._owner, self._repository, ref=ref, content=content)


def _feed_content(commits: list[Commit], compare: str) -> str:
    shown = [
        {
            "Sha1": commit.id,
            "Message": commit.message,
            "AuthorEmail": commit.author.email,
            "AuthorName": commit.author.name,
            "CommitterEmail": commit.committer.email,
            "CommitterName": commit.committer.name,
            "Timestamp": rfc3339(commit.committer.seconds),
        }
        for commit in commits[:FEED_COMMITS]
    ]
    content = {"Len": len(commits), "Commits": shown, "CompareURL": compare}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
