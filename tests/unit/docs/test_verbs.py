"""The reference describes each verb of the tool on the machines, with its options."""

from __future__ import annotations

import re
import sys

from tests.unit.docs.pages import ROOT, page

sys.path.insert(0, str(ROOT / "assets/site"))

from applications.gogs.profile import PROFILE
from cutover_site.cli import get_options
from cutover_site.verbs import ALL as VERBS

PORTS = [port.name for port in PROFILE.tcp]

REFERENCE = page("docs/reference.md")
OPTION = re.compile(r"(?P<optional>\[)?--(?P<name>[a-z-]+)(?P<value> [^\[\]-]+)?")

Options = set[tuple[str, bool, bool]]
"""options of a verb: name, whether it is required, whether it takes a value"""


def parse_options(text: str) -> Options:
    return {
        (found["name"], not found["optional"], bool((found["value"] or "").strip())) for found in OPTION.finditer(text)
    }


def test_every_verb_is_described_with_its_options() -> None:
    described = {}
    for row in REFERENCE.table("The verbs"):
        name, _, options = row[0].spans[0].partition(" ")
        described[name] = parse_options(options)

    assert described == {
        verb.name: {(option.name, option.required, not option.flag) for option in get_options(verb, PORTS)}
        for verb in VERBS
    }


def test_each_verb_is_described_once() -> None:
    assert len(REFERENCE.table("The verbs")) == len(VERBS)


def test_every_exit_code_of_a_verb_is_described() -> None:
    described = {row[0].text: row[2].spans for row in REFERENCE.table("Result and exit codes")}
    of_its_own = {verb.name: str(verb.error_code) for verb in VERBS if verb.error_code != 1}

    assert described.keys() == {"0", "1", "2", *of_its_own.values()}
    assert all(name in described[code] for name, code in of_its_own.items())
