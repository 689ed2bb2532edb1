"""The messages that the runbook quotes (in italics) exist in the product, and the sections that messages name exist in the runbook."""

from __future__ import annotations

import re
from functools import cache

import pytest

from tests.unit.docs.pages import ROOT, page

RUNBOOK = page("docs/runbook.md")
PRODUCT = ("lambda", "operate", "constructs", "assets/site")
NAMED = re.compile(r"runbook(?: says under|,) ([A-Z][a-z ]+)")
QUOTES = [part.strip(" ,") for text in RUNBOOK.emphases() for part in text.split("…") if part.strip(" ,")]


@cache
def read_product() -> str:
    """Return all source text, with strings that are written in several pieces joined."""
    files = [path for folder in PRODUCT for path in sorted((ROOT / folder).rglob("*.py"))]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    return re.sub(r'"\s*\n\s*f?"', "", text)


@pytest.mark.parametrize("quote", QUOTES)
def test_every_message_that_the_runbook_quotes_exists_in_the_product(quote: str) -> None:
    assert quote in read_product()


def test_every_section_that_a_message_names_exists_in_the_runbook() -> None:
    named = {section.strip() for section in NAMED.findall(read_product())}

    assert named
    assert named <= set(RUNBOOK.headings())
