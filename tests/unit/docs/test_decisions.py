"""The list of decisions names each one, with its title and a status that is true."""

from __future__ import annotations

import re

import pytest

from tests.unit.docs.pages import ROOT, page

FOLDER = ROOT / "docs/decisions"
FILES = sorted(FOLDER.glob("[0-9]*.md"))
LISTED = {row[0].text: row for row in page("docs/decisions/README.md").table("List")}
STATUS = re.compile(r"accepted|(amended|superseded) by (\d{4})(, (\d{4}))*")


def test_every_decision_is_listed_once_and_nothing_else_is() -> None:
    assert [path.name[:4] for path in FILES] == list(LISTED)
    assert len(page("docs/decisions/README.md").table("List")) == len(FILES)


@pytest.mark.parametrize("number", list(LISTED))
def test_it_is_listed_with_its_title_and_its_file(number: str) -> None:
    (path,) = FOLDER.glob(f"{number}-*.md")
    title = path.read_text(encoding="utf-8").splitlines()[0].removeprefix(f"# {number} ")

    assert LISTED[number][1].text == f"[{title}]({path.name})"


@pytest.mark.parametrize("number", list(LISTED))
def test_its_status_is_known_and_names_a_decision_that_exists(number: str) -> None:
    status = LISTED[number][2].text

    assert STATUS.fullmatch(status)
    assert set(re.findall(r"\d{4}", status)) <= LISTED.keys() - {number}
