"""Serve a repository's wiki, which is its own repository with one Markdown file per page."""

from __future__ import annotations

from urllib.parse import quote_plus, unquote_plus

from flask import Blueprint, Response, request

from ..domain import access, paths
from ..domain.exceptions import Exists, Missing, RequestRefused
from ..git.repository import Repository
from ..store.database import Row
from .commits import commit_wiki, draft_commit
from .guards import find_repository, get_visitor, link, require_signed_in
from .responses import redirect, render_page
from .site import get_config

blueprint = Blueprint("wiki_pages", __name__, url_prefix="/<owner>/<name>/wiki")
_START, _LIST = "Home", "_pages"
_ENDING = ".md"


@blueprint.get("", defaults={"title": _START})
@blueprint.get("/<title>")
def show_page(owner: str, name: str, title: str) -> Response:
    """Return a page or the list of pages. A missing page redirects to the list."""
    owner_row, row = find_repository(owner, name)
    pages = _read_pages(owner_row, row)
    wanted = "" if title == _LIST else _make_name(title)
    if wanted not in pages and title != _LIST and pages:
        return redirect(f"{link(owner_row, row)}/wiki/{_LIST}")
    links = [{"name": other, "url": quote_plus(other)} for other in pages]
    text = pages.get(wanted, b"").decode(errors="replace")
    return render_page(
        "wiki.html", owner=owner_row, repository=row, title=wanted if text else "", text=text, pages=links
    )


@blueprint.get("/_new")
@require_signed_in
def show_form(owner: str, name: str) -> Response:
    """Return the form for a new page, for users with write access."""
    owner_row, row = find_repository(owner, name, access.WRITE)
    return render_page("new_wiki_page.html", owner=owner_row, repository=row)


@blueprint.get("/<title>/_edit")
@require_signed_in
def show_edit_form(owner: str, name: str, title: str) -> Response:
    """Return the form with a page's text. Raises Missing."""
    owner_row, row = find_repository(owner, name, access.WRITE)
    text = _read_pages(owner_row, row).get(_make_name(title))
    if text is None:
        raise Missing(title)
    shown = text.decode(errors="replace")
    return render_page("new_wiki_page.html", owner=owner_row, repository=row, title=_make_name(title), text=shown)


@blueprint.post("/_new", defaults={"old": ""})
@blueprint.post("/<old>/_edit")
@require_signed_in
def write(owner: str, name: str, old: str) -> Response:
    """Commit a new or changed page; a changed title renames it. Raises RequestRefused without a title, Exists for a title in use."""
    owner_row, row = find_repository(owner, name, access.WRITE)
    title, before = _make_name(request.form.get("title", "")), _make_name(old)
    if not title:
        raise RequestRefused("A page needs a title.")
    if title != before and title in _read_pages(owner_row, row):
        raise Exists(f"There is a page {title} already.")
    files: dict[str, bytes | None] = {before + _ENDING: None} if before and before != title else {}
    files[title + _ENDING] = request.form.get("content", "").encode()
    commit_wiki(owner_row, row, draft_commit(get_visitor(), request.form.get("message") or f"Write {title}", files))
    return redirect(f"{link(owner_row, row)}/wiki/{quote_plus(title)}")


def _read_pages(owner: Row, row: Row) -> dict[str, bytes]:
    """Return text by title; empty when there is no wiki."""
    bare = Repository(paths.locate_wiki(get_config(), owner["name"], row["name"]))
    head = bare.resolve("master") if bare.path.is_dir() else None
    entries = bare.list_entries(head) if head else []
    return {
        entry.name.removesuffix(_ENDING): bare.read_blob(entry.id) for entry in entries if entry.name.endswith(_ENDING)
    }


def _make_name(title: str) -> str:
    """Return the page's name: without slashes, so that there are no folders."""
    return " ".join(unquote_plus(title).replace("/", " ").split())
