"""What the runbook quotes of the product's messages (in italics), and what these name of the runbook, is there."""

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
def _product() -> str:
    """Return all source text, with strings that are written in several pieces joined."""
    files = [path for folder in PRODUCT for path in sorted((ROOT / folder).rglob("*.py"))]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    return re.sub(r'"\s*\n\s*f?"', "", text)


@pytest.mark.parametrize("quote", QUOTES)
def test_the_product_has_the_messages_that_the_runbook_quotes(quote: str) -> None:
    assert quote in _product()


def test_the_sections_that_messages_name_exist() -> None:
    named = {section.strip() for section in NAMED.findall(_product())}

    assert named
    assert named <= set(RUNBOOK.headings())
