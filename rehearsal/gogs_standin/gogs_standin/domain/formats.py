"""Format rows as the API returns them and webhooks send them."""

from __future__ import annotations

import html
from typing import Any

from ..config.config import Config
from ..git.repository import Commit
from ..store.database import Row, Session
from . import access, avatars, labels, users, webhooks
from .clock import format_rfc3339

Shape = dict[str, Any]


def _escape(name: str) -> str:
    """Return stored text as Gogs returns it: escaped for HTML, also in the API."""
    return html.escape(name).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")


class Formats:
    """Formats with this site's absolute URLs."""

    def __init__(self, config: Config, db: Session) -> None:
        self._config, self._db = config, db
        self._users: dict[int, Shape] = {}

    def format_user(self, row: Row) -> Shape:
        return {
            "id": row["id"],
            "login": row["name"],
            "username": row["name"],
            "full_name": _escape(row["full_name"]),
            "email": row["email"],
            "avatar_url": avatars.link(self._config, row),
        }

    def format_user_for_stranger(self, row: Row) -> Shape:
        """Return the user without the email address, which only signed-in users may see."""
        return {**self.format_user(row), "email": ""}

    def format_user_by_id(self, number: int) -> Shape:
        """Return the user with this id. Raises LookupError, because nothing deletes users."""
        if number not in self._users:
            self._users[number] = self.format_user(users.get_by_id(self._db, number))
        return self._users[number]

    def format_organisation(self, row: Row) -> Shape:
        same = ("id", "full_name", "description", "website", "location")
        return {
            **{key: row[key] for key in same},
            "username": row["name"],
            "avatar_url": avatars.link(self._config, row),
        }

    def format_repository(self, owner: Row, row: Row, mode: int | None, *, new: bool = False) -> Shape:
        """Return a repository.

        `new`: in the response to its creation, which has no counts, no branch and no emptiness yet (recorded).
        """
        full = f"{owner['name']}/{row['name']}"
        counts = {
            "stars_count": row["num_stars"],
            "forks_count": row["num_forks"],
            "watchers_count": row["num_watches"],
        }
        open_issues = row["num_issues"] - row["num_closed_issues"]
        permissions = (
            None
            if mode is None
            else {"admin": mode >= access.ADMIN, "push": mode >= access.WRITE, "pull": mode >= access.READ}
        )
        parent = None
        if row["is_fork"] and (base := self._db.fetch_one("SELECT * FROM repository WHERE id = %s", row["fork_id"])):
            base_owner = users.get_by_id(self._db, base["owner_id"])
            parent = self.format_repository(base_owner, base, access.READ)
        return {
            "id": row["id"],
            "owner": self.format_user(owner),
            "name": row["name"],
            "full_name": full,
            "description": row["description"],
            "private": bool(row["is_private"]),
            "fork": bool(row["is_fork"]),
            "parent": parent,
            "empty": bool(row["is_bare"]) and not new,
            "mirror": bool(row["is_mirror"]),
            "size": row["size"],
            "html_url": f"{self._config.external_url}{full}",
            "ssh_url": self.format_ssh_url(full),
            "clone_url": f"{self._config.external_url}{full}.git",
            "website": row["website"],
            "open_issues_count": 0 if new else open_issues,
            "default_branch": "" if new else row["default_branch"],
            "created_at": format_rfc3339(row["created_unix"]),
            "updated_at": format_rfc3339(row["updated_unix"]),
            "permissions": permissions,
            **(dict.fromkeys(counts, 0) if new else counts),
        }

    def format_ssh_url(self, full_name: str) -> str:
        user, host, port = self._config.run_user, self._config.ssh_domain, self._config.ssh_port
        return f"{user}@{host}:{full_name}.git" if port == 22 else f"ssh://{user}@{host}:{port}/{full_name}.git"

    def format_label(self, row: Row, *, new: bool = False) -> Shape:
        return {"id": 0 if new else row["id"], "name": row["name"], "color": row["color"].lstrip("#"), "url": ""}

    def format_milestone(self, row: Row) -> Shape:
        return {
            "id": row["id"],
            "state": "closed" if row["is_closed"] else "open",
            "title": row["name"],
            "description": row["content"],
            "open_issues": row["num_issues"] - row["num_closed_issues"],
            "closed_issues": row["num_closed_issues"],
            "closed_at": format_rfc3339(row["closed_date_unix"]) if row["is_closed"] else None,
            "due_on": None if row["deadline_unix"] is None else format_rfc3339(row["deadline_unix"]),
        }

    def format_issue(self, row: Row) -> Shape:
        milestone = row["milestone_id"] and self._db.fetch_one(
            "SELECT * FROM milestone WHERE id = %s", row["milestone_id"]
        )
        return {
            "id": row["id"],
            "number": row["index"],
            "user": self.format_user_by_id(row["poster_id"]),
            "title": row["name"],
            "body": row["content"],
            "labels": [self.format_label(label) for label in labels.list_labels_of_issue(self._db, row["id"])],
            "milestone": self.format_milestone(milestone) if milestone else None,
            "assignee": self.format_user_by_id(row["assignee_id"]) if row["assignee_id"] else None,
            "state": "closed" if row["is_closed"] else "open",
            "comments": row["num_comments"],
            "created_at": format_rfc3339(row["created_unix"]),
            "updated_at": format_rfc3339(row["updated_unix"]),
            "pull_request": None,
        }

    def format_comment(self, full_name: str, index: int, row: Row) -> Shape:
        return {
            "id": row["id"],
            "html_url": f"{self._config.external_url}{full_name}/issues/{index}#issuecomment-{row['id']}",
            "user": self.format_user_by_id(row["poster_id"]),
            "body": row["content"],
            "created_at": format_rfc3339(row["created_unix"]),
            "updated_at": format_rfc3339(row["updated_unix"]),
        }

    def release(self, row: Row) -> Shape:
        return {
            "id": row["id"],
            "tag_name": row["tag_name"],
            "target_commitish": row["target"],
            "name": row["title"],
            "body": row["note"],
            "draft": bool(row["is_draft"]),
            "prerelease": bool(row["is_prerelease"]),
            "author": self.format_user_by_id(row["publisher_id"]),
            "created_at": format_rfc3339(row["created_unix"]),
        }

    def format_hook(self, row: Row) -> Shape:
        return {
            "id": row["id"],
            "type": "gogs",
            "config": {"url": row["url"], "content_type": webhooks.read_form(row)},
            "events": webhooks.list_events(row),
            "active": bool(row["is_active"]),
            "created_at": format_rfc3339(row["created_unix"]),
            "updated_at": format_rfc3339(row["updated_unix"]),
        }

    def format_payload_commit(self, commit: Commit) -> Shape:
        """Return a commit as branches and pushes have it."""

        def format_person(name: str, email: str) -> Shape:
            row = users.find_by_email(self._db, email)
            return {"name": name, "email": email, "username": row["name"] if row else ""}

        return {
            "id": commit.id,
            "message": commit.message,
            "url": "Not implemented",
            "author": format_person(commit.author.name, commit.author.email),
            "committer": format_person(commit.committer.name, commit.committer.email),
            "added": None,
            "removed": None,
            "modified": None,
            "timestamp": format_rfc3339(commit.author.seconds),
        }
