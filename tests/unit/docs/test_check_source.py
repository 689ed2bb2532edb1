"""The page about `check-source` names each check that the tool has, and no other."""

from __future__ import annotations

import re

from tests.unit.docs.pages import ROOT, page

FOLDERS = ("assets/site/cutover_site/existing", "assets/site/cutover_site/gogs/existing")
CALL = re.compile(r"\b(?:stop|warn|not_checked)\(\s*(?:\"(?P<name>[a-z-]+)\"|(?P<constant>CHECK|check))")
CONSTANT = re.compile(r"^CHECK = \"([a-z-]+)\"$|check: str = \"([a-z-]+)\"", re.MULTILINE)


def test_the_page_describes_each_check() -> None:
    named: set[str] = set()
    for folder in FOLDERS:
        for file in (ROOT / folder).glob("*.py"):
            text = file.read_text()
            named |= {found["name"] for found in CALL.finditer(text) if found["name"]}
            named |= {one or other for one, other in CONSTANT.findall(text)}
    described = {name for row in page("docs/check-source.md").table("Findings") for name in row[0].spans}
    assert named == described
