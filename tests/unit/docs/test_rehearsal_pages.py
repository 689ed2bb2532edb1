"""The pages of the rehearsal describe exactly its commands, its variables and its faults."""

from __future__ import annotations

import re
import subprocess
import sys

from rehearsal.aws.faults.kinds import KINDS as OF_AWS
from rehearsal.cloudendure.faults import KINDS as OF_THE_CONSOLE
from tests.unit.docs.pages import ROOT, page

REHEARSAL, FAULTS = page("docs/rehearsal.md"), page("docs/rehearsal-faults.md")
VARIABLE = re.compile(r"""["'](REHEARSAL_[A-Z_]+|GOGS_ARCHIVE)["']""")
OF_ALL_FUNCTION_FAULTS = {"function", "fields", "when"}
"""described below the table"""


def read_names(heading: str) -> list[str]:
    return [row[0].spans[0].partition(" ")[0] for row in REHEARSAL.table(heading)]


def test_every_command_is_described() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "rehearsal", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    commands = re.findall(r"^    ([a-z]+)(?:  |$)", shown, re.MULTILINE)

    assert len(commands) > 5
    assert sorted(read_names("Commands")) == sorted(commands)


def test_every_environment_variable_is_described() -> None:
    read = {
        name
        for path in (ROOT / "rehearsal").rglob("*.py")
        for name in VARIABLE.findall(path.read_text(encoding="utf-8"))
    }

    assert set(read_names("Environment variables")) == read


def test_every_fault_of_the_local_aws_is_described_with_its_options() -> None:
    described = {
        row[0].spans[0]: {option.removeprefix("--") for option in row[1].spans}
        for row in FAULTS.table("At the local AWS")
    }

    assert described == {name: set(kind.options) - OF_ALL_FUNCTION_FAULTS for name, kind in OF_AWS.items()}


def test_every_fault_of_the_console_is_described() -> None:
    assert [row[0].spans[0] for row in FAULTS.table("At the console")] == list(OF_THE_CONSOLE)


def test_the_page_names_exactly_the_lasting_faults() -> None:
    text = FAULTS.path.read_text(encoding="utf-8")
    (sentence,) = re.findall(r"^(.*) last until cleared\.", text, re.MULTILINE)

    assert set(re.findall(r"`([a-z-]+)`", sentence)) == {name for name, kind in OF_THE_CONSOLE.items() if kind.lasting}
