"""The list of decisions has each decision, with its title and a valid status."""

from __future__ import annotations

import re

import pytest

from tests.unit.docs.pages import ROOT, page

FOLDER = ROOT / "docs/decisions"
FILES = sorted(FOLDER.glob("[0-9]*.md"))
LISTED = {row[0].text: row for row in page("docs/decisions/README.md").table("List")}
STATUS = re.compile(r"accepted|(amended|superseded) by (\d{4})(, (\d{4}))*")


def test_the_list_has_every_decision_exactly_once() -> None:
    assert [path.name[:4] for path in FILES] == list(LISTED)
    assert len(page("docs/decisions/README.md").table("List")) == len(FILES)


@pytest.mark.parametrize("number", list(LISTED))
def test_a_decision_is_listed_with_its_title_and_a_link_to_its_file(number: str) -> None:
    (path,) = FOLDER.glob(f"{number}-*.md")
    title = path.read_text(encoding="utf-8").splitlines()[0].removeprefix(f"# {number} ")

    assert LISTED[number][1].text == f"[{title}]({path.name})"


@pytest.mark.parametrize("number", list(LISTED))
def test_the_status_of_a_decision_is_valid_and_names_existing_decisions(number: str) -> None:
    status = LISTED[number][2].text

    assert STATUS.fullmatch(status)
    assert set(re.findall(r"\d{4}", status)) <= LISTED.keys() - {number}
