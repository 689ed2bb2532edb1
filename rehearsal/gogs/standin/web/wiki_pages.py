"""A repository's wiki: a repository of its own, one Markdown file a page."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote_plus, unquote_plus

from flask import Blueprint, Response, request

from ..domain import access, places, repositories
from ..domain.errors import Missing, Refused
from ..git.repository import Repository
from ..store.database import Row
from .commits import commit_wiki
from .guards import link, repository, signed_in, visitor
from .replies import page, redirect
from .site import config

blueprint = Blueprint("wiki_pages", __name__, url_prefix="/<owner>/<name>/wiki")


@blueprint.get("")
@blueprint.get("/<title>")
def view(owner: str, name: str, title: str = "Home") -> Response:
    owner_row, row = repository(owner, name)
    bare = _bare(owner_row, row)
    head = bare.resolve("master") if bare.path.is_dir() else None
    if not head:
        return page("wiki.html", owner=owner_row, repository=row, title="", text="", pages=[])
    wanted = _page_name(title)
    entries = [entry for entry in bare.entries(head) if entry.name.endswith(".md")]
    found = next((entry for entry in entries if entry.name == f"{wanted}.md"), None)
    pages = [
        {"name": entry.name.removesuffix(".md"), "url": _page_url(entry.name.removesuffix(".md"))} for entry in entries
    ]
    if not found and title != "_pages":
        return redirect(f"{link(owner_row, row)}/wiki/_pages")
    text = bare.blob(found.id).decode(errors="replace") if found else ""
    return page(
        "wiki.html", owner=owner_row, repository=row, title=wanted if found else "Pages", text=text, pages=pages
    )


@blueprint.get("/_new")
@signed_in
def new(owner: str, name: str) -> Response:
    owner_row, row = repository(owner, name, access.WRITE)
    return page("new_wiki_page.html", owner=owner_row, repository=row)


@blueprint.post("/_new")
@blueprint.post("/<old>/_edit")
@signed_in
def write(owner: str, name: str, old: str = "") -> Response:
    owner_row, row = repository(owner, name, access.WRITE)
    title, content = _page_name(request.form.get("title", "")), request.form.get("content", "")
    if not title or not content:
        raise Refused("Title and content cannot be empty.")
    before = _page_name(old)
    bare = _bare(owner_row, row)
    if not bare.path.is_dir():
        repositories.init_bare(config(), bare.path)

    def change(copy: Path) -> None:
        file = copy / f"{title}.md"
        if file.exists() and before != title:
            raise Refused("Wiki page with same name already exists.")
        if before and before != title:
            (copy / f"{before}.md").unlink(missing_ok=True)
        file.write_text(content)

    default = f"Update page '{title}'" if old else f"Create page '{title}'"
    commit_wiki(visitor(), owner_row, row, change, message=request.form.get("message") or default)
    return redirect(f"{link(owner_row, row)}/wiki/{_page_url(title)}")


@blueprint.get("/<title>/_edit")
@signed_in
def edit(owner: str, name: str, title: str) -> Response:
    owner_row, row = repository(owner, name, access.WRITE)
    bare = _bare(owner_row, row)
    head = bare.resolve("master") if bare.path.is_dir() else None
    entry = bare.entry(head, f"{_page_name(title)}.md") if head else None
    if not entry:
        raise Missing(title)
    text = bare.blob(entry.id).decode(errors="replace")
    return page("new_wiki_page.html", owner=owner_row, repository=row, title=_page_name(title), text=text)


def _bare(owner: Row, row: Row) -> Repository:
    return Repository(places.wiki(config(), owner["name"], row["name"]))


def _page_name(title: str) -> str:
    """What the file is called: one level, no folder."""
    return unquote_plus(title).strip("/").replace("/", " ").replace("\\", " ").strip()


def _page_url(name: str) -> str:
    return quote_plus(name)
