"""Make commits on behalf of a signed-in user."""

from __future__ import annotations

from flask import after_this_request
from werkzeug.wrappers import Response

from ..domain import delivery, paths, repository_creation, users
from ..domain.pushes import Push, record_push
from ..git import writing
from ..git.changes import Change
from ..store.database import Row
from .site import get_config, get_db


def draft_commit(user: Row, message: str, files: dict[str, bytes | None]) -> writing.Draft:
    """Return a commit by the user, to make later. `None` deletes a file."""
    return writing.Draft(users.display_name(user), user["email"], message, files)


def commit_for(user: Row, owner: Row, repository: Row, what: writing.Draft, *, to: str, base: str) -> Change:
    """Commit to the branch `to`, based on `base`, and record it as the user's push. Raises GitError."""
    get_db().commit()  # no transaction stays open while git runs
    bare = paths.locate_repository(get_config(), owner["name"], repository["name"])
    change = writing.write(bare, what, to=to, base=base)
    record_push(get_db(), get_config(), Push(user["id"], repository["id"]), [change])
    after_this_request(notify_when_done)
    return change


def commit_wiki(owner: Row, repository: Row, what: writing.Draft) -> None:
    """Commit to the wiki's only branch, master, and create the wiki if it is missing. It records no activity. Raises GitError."""
    get_db().commit()
    bare = paths.locate_wiki(get_config(), owner["name"], repository["name"])
    if not bare.is_dir():
        repository_creation.init_bare(get_config(), bare)
    writing.write(bare, what, to="master")


def notify_when_done(response: Response) -> Response:
    """Notify the webhooks' thread when the response is complete: only then are the tasks committed."""
    settings = get_config()
    response.call_on_close(lambda: delivery.notify(settings))
    return response
