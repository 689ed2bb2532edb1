"""Split the digests of many tables into results that Systems Manager returns complete.

`digest-database` returns one digest of all tables, and the line of each table when all lines fit into one page. Otherwise the replica keeps
the lines in memory (/run) and `table-digests` returns them page by page. The file's name is the digest of all tables, so a page always
belongs to the comparison that requests it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cutover_site.database.digest import TableDigest
from cutover_site.errors import Refused
from cutover_site.layout import Layout
from cutover_site.result_size import pack, serialize
from cutover_site.system import textfiles

PAGE_CHARACTERS = 20_000
"""of the packed lines of one page; the rest of `result_size.MAX_CHARACTERS` is for the other keys of the result"""
DIGEST = re.compile(r"^[0-9a-f]{32}$")

Lines = dict[str, dict[str, Any]]
"""by table: its number of rows and its digest"""


def summarize(layout: Layout, found: Mapping[str, TableDigest]) -> dict[str, Any]:
    """Return the number of tables and rows, the digest of all, and the lines (`tables`) or the number of pages with them (`pages`)."""
    lines: Lines = {name: {"rows": one.rows, "digest": one.digest} for name, one in sorted(found.items())}
    digest = digest_lines(lines)
    facts = {"count": len(lines), "rows": sum(one.rows for one in found.values()), "digest": digest}
    pages = split_lines(lines)
    if len(pages) <= 1:
        return {**facts, "tables": lines}
    textfiles.replace(_build_path(layout, digest), json.dumps(pages), mode=0o600)
    return {**facts, "pages": len(pages)}


def digest_lines(lines: Lines) -> str:
    """Return 32 hexadecimal digits that are equal exactly when the names, numbers of rows and digests of all tables are equal."""
    text = json.dumps([[name, lines[name]["rows"], lines[name]["digest"]] for name in sorted(lines)])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def split_lines(lines: Lines) -> list[Lines]:
    """Return the lines in pages of equal length: as few as possible, each with at most PAGE_CHARACTERS when packed."""
    names = sorted(lines)
    count = max(1, -(-len(pack(serialize(lines))) // PAGE_CHARACTERS))
    while True:
        length = max(1, -(-len(names) // count))
        pages = [{name: lines[name] for name in names[at : at + length]} for at in range(0, len(names), length)]
        if length == 1 or all(len(pack(serialize(page))) <= PAGE_CHARACTERS for page in pages):
            return pages
        count += 1


def read_page(layout: Layout, digest: str, page: int) -> Lines:
    """Return one page of the lines with this digest. `page` counts from 1. Raises Refused when this machine does not have it."""
    if not DIGEST.match(digest):
        raise Refused(f"--of is not a digest that digest-database returned: {digest:.40}")
    try:
        pages: list[Lines] = json.loads(_build_path(layout, digest).read_text())
    except FileNotFoundError as error:
        raise Refused(
            f"the digests of the tables ({digest}) are not on this machine any more",
            next_action="the machine was restarted during the comparison: deploy again",
        ) from error
    if not 1 <= page <= len(pages):
        raise Refused(f"--page {page} does not exist: the digests of the tables have {len(pages)} pages")
    return pages[page - 1]


def _build_path(layout: Layout, digest: str) -> Path:
    return layout.root / "run/cutover/table-digests" / f"{digest}.json"
