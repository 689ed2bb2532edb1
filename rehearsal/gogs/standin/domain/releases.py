"""Releases: a tag, a title, a note, files."""

from __future__ import annotations

from collections.abc import Sequence

from ..git.command import git
from ..git.repository import Repository
from ..store.database import Row, Session
from . import attachments, clock
from .errors import Exists, Refused


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
    """Makes the tag at the head of the branch `target` unless it is there or this is a draft. Raises Exists, Refused."""
    if db.one("SELECT id FROM `release` WHERE repo_id = %s AND lower_tag_name = %s", repository["id"], tag.lower()):
        raise Exists("Release with this tag name already exists.")
    head = bare.refs("refs/heads").get(target)
    if not head:
        raise Refused("Target branch does not exist.")
    there = bare.refs("refs/tags").get(tag)
    if not draft and not there:
        git("tag", "--", tag, head, cwd=bare.path)
    number = db.insert(
        "release",
        repo_id=repository["id"],
        publisher_id=publisher["id"],
        tag_name=tag,
        lower_tag_name=tag.lower(),
        target=target,
        title=title,
        sha1=bare.resolve(f"refs/tags/{tag}") or head,
        num_commits=bare.count(head),
        note=note,
        is_draft=int(draft),
        is_prerelease=int(prerelease),
        created_unix=bare.commit(there).author.seconds if there else clock.now(),
    )
    attachments.hang(db, uuids, release_id=number)
    return db.all("SELECT * FROM `release` WHERE id = %s", number)[0]


def listed(db: Session, repository_id: int) -> list[Row]:
    return db.all("SELECT * FROM `release` WHERE repo_id = %s ORDER BY created_unix DESC, id DESC", repository_id)
