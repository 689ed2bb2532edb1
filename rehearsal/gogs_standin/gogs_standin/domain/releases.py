"""Store releases: a tag with title, note and files."""

from __future__ import annotations

from collections.abc import Sequence

from ..git.command import run_git
from ..git.repository import Repository
from ..store.database import Row, Session
from . import attachments, clock
from .exceptions import Exists, RequestRefused


def create(
    db: Session,
    publisher: Row,
    repository: Row,
    bare: Repository,
    *,
    tag: str,
    target: str,
    title: str,
    note: str,
    draft: bool,
    prerelease: bool,
    uuids: Sequence[str] = (),
) -> Row:
    """Create a release. Raises Exists, RequestRefused.

    It tags the tip of the branch `target`, unless the tag exists or the release is a draft.
    """
    if db.fetch_one(
        "SELECT id FROM `release` WHERE repo_id = %s AND lower_tag_name = %s", repository["id"], tag.lower()
    ):
        raise Exists(f"there is a release of {tag} already")
    tip = bare.read_refs("refs/heads").get(target)
    if not tip:
        raise RequestRefused(f"there is no branch {target} to release from")
    tagged = bare.resolve(f"refs/tags/{tag}")
    if not tagged and not draft:
        run_git("tag", "--", tag, tip, cwd=bare.path)
    released = tagged or tip
    number = db.insert(
        "release",
        repo_id=repository["id"],
        publisher_id=publisher["id"],
        tag_name=tag,
        lower_tag_name=tag.lower(),
        target=target,
        title=title,
        sha1=released,
        num_commits=bare.count(released),
        note=note,
        is_draft=int(draft),
        is_prerelease=int(prerelease),
        created_unix=clock.now(),
    )
    attachments.attach(db, uuids, release_id=number)
    return db.fetch_existing("SELECT * FROM `release` WHERE id = %s", number)


def list_releases(db: Session, repository_id: int) -> list[Row]:
    """Return the releases of a repository, newest first."""
    return db.fetch_all("SELECT * FROM `release` WHERE repo_id = %s ORDER BY created_unix DESC, id DESC", repository_id)
