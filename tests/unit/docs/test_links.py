"""The targets of links between pages exist, and so do the files and tests that a page names."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest

from tests.unit.docs.pages import ROOT, Page, pages

PAGES = pages()
OUTSIDE = re.compile(r"[a-z]+:")
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")} | {".ci", ".github"}
PATH = re.compile(r"[\w.-]+(/[\w.-]+)+/?(::\w+)?")
HISTORY = ("docs/decisions/", "CHANGELOG.md", "findings/")
"""pages that describe the time when they were written; a file that they name may have moved since"""


def get_name(page: Page) -> str:
    return page.name


@pytest.mark.parametrize("page", PAGES, ids=get_name)
def test_every_link_targets_an_existing_file_and_heading(page: Page) -> None:
    broken = []
    for target in page.links():
        path, _, anchor = target.partition("#")
        if OUTSIDE.match(target):
            continue
        other = Page((page.path.parent / path).resolve()) if path else page
        if not other.path.exists() or (anchor and anchor not in other.anchors()):
            broken.append(target)

    assert broken == []


@pytest.mark.parametrize("page", [page for page in PAGES if not page.name.startswith(HISTORY)], ids=get_name)
def test_every_file_and_test_that_a_page_names_exists(page: Page) -> None:
    missing = [
        span for span in page.spans() if PATH.fullmatch(span) and is_in_repository(span) and not path_exists(span)
    ]

    assert missing == []


def is_in_repository(span: str) -> bool:
    return PurePosixPath(span).parts[0] in FOLDERS


def path_exists(span: str) -> bool:
    name, _, test = span.partition("::")
    path = ROOT / name
    return path.exists() and (not test or f"\ndef {test}(" in path.read_text(encoding="utf-8"))


def test_every_page_is_linked_from_another_page() -> None:
    linked = {
        (page.path.parent / target.partition("#")[0]).resolve()
        for page in PAGES
        for target in page.links()
        if not OUTSIDE.match(target)
    }

    assert {page.name for page in PAGES if page.path not in linked} <= {"README.md"}
