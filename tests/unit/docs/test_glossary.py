"""The glossary defines each term once, and translates every stored name of the code."""

from __future__ import annotations

import sys
from dataclasses import fields

import pytest
from common.clients.run_record import Record, get_stored_name
from procedure import plan

from tests.unit.docs.pages import ROOT, page

sys.path.insert(0, str(ROOT / "assets/site"))

from cutover_site.verbs import ALL as VERBS

GLOSSARY = page("docs/glossary.md")
DECLARED = {
    "Steps": list(plan.ALL),
    "Attributes of the run record": ["site", *(get_stored_name(field.name) for field in fields(Record))],
    "Verbs": [verb.name for verb in VERBS],
}


@pytest.mark.parametrize("heading", DECLARED)
def test_the_glossary_has_every_stored_name_exactly_once(heading: str) -> None:
    translated = [name for row in GLOSSARY.table(heading) for name in row[0].spans]

    assert sorted(translated) == sorted(DECLARED[heading])


def test_the_glossary_lists_steps_in_the_order_of_the_plan() -> None:
    assert [row[0].spans[0] for row in GLOSSARY.table("Steps")] == DECLARED["Steps"]


def test_the_glossary_defines_each_term_once_in_alphabetical_order() -> None:
    terms = [term for row in GLOSSARY.table("Terms") for term in row[0].text.split(", ")]
    first = [row[0].text for row in GLOSSARY.table("Terms")]

    assert len(set(terms)) == len(terms)
    assert first == sorted(first, key=lambda term: term.replace("-", " ").lower())


def test_every_term_has_a_meaning() -> None:
    assert [row[0].text for row in GLOSSARY.table("Terms") if len(row[1].text) < 10] == []
