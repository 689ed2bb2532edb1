"""Remove what the sessions of the suite have created on the site. The prefix of its names identifies it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.gogs.acceptance.remaining_files import remove_files
from cutover_site.gogs.acceptance.session import PREFIX, GogsSession


def clean_up(session: GogsSession) -> None:
    """Remove what this session has created. Raises CheckFailed.

    These are its repositories with their issues and files, its SSH key and its tokens.
    """
    if session.token:
        _remove(session, session.repository)


def clean_up_all(session: GogsSession) -> None:
    """Remove what any session has created. Raises CheckFailed.

    It is safe to repeat. A suite may have run twice, so one session's names are not enough.
    """
    session.sign_in()
    session.create_token(session.repository)
    _remove(session, PREFIX)


def _remove(session: GogsSession, prefix: str) -> None:
    """Remove every repository, key, token and file of the acceptance user whose name begins with `prefix`.

    Raises CheckFailed.
    """
    user = session.call_api("GET", "/user", 200)
    repositories = _list_repositories(session, prefix)
    for repository in repositories:
        session.call_api("DELETE", f"/repos/{repository['full_name']}", 204)
    for key in _list_keys(session, prefix):
        session.call_api("DELETE", f"/user/keys/{key['id']}", 204)
    if left := [*_list_repositories(session, prefix), *_list_keys(session, prefix)]:
        raise CheckFailed(f"deleted, and still there: {', '.join(one.get('name') or one['title'] for one in left)}")
    session.delete_tokens(prefix)
    if any(name.startswith(prefix) for name in session.list_tokens()):
        raise CheckFailed("tokens of an acceptance session are still there")
    began = min([session.began, *(_get_created_at(repository) for repository in repositories)])
    remove_files(session, int(user["id"]), [repository["name"] for repository in repositories], began)


def _list_repositories(session: GogsSession, prefix: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = session.call_api("GET", "/user/repos", 200)
    return [one for one in found if one["name"].startswith(prefix) and one["owner"]["username"] == session.username]


def _list_keys(session: GogsSession, prefix: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = session.call_api("GET", "/user/keys", 200)
    return [key for key in found if key["title"].startswith(prefix)]


def _get_created_at(repository: dict[str, Any]) -> float:
    """Return when a repository was created, in seconds since the epoch."""
    return datetime.fromisoformat(repository["created_at"].replace("Z", "+00:00")).timestamp()
