"""The numbers in the reference are equal to those in the code."""

from __future__ import annotations

import ast
import configparser
import sys
from functools import cache

import pytest

from tests.unit.docs.pages import ROOT, Row, page

sys.path.insert(0, str(ROOT / "assets/site"))

from applications.gogs.profile import PROFILE

CODE = ("lambda", "constructs", "assets/site")
UNITS = ROOT / "assets/ansible/roles/migration_scripts/files"
REFERENCE = page("docs/reference.md")


@cache
def read_constants() -> dict[str, set[str]]:
    """Return the values of the modules' whole numbers, by `NAME` and by `file.NAME`."""
    found: dict[str, set[str]] = {}
    for path in (path for folder in CODE for path in (ROOT / folder).rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and (number := evaluate_number(node.value)) is not None:
                for name in (target.id for target in node.targets if isinstance(target, ast.Name)):
                    found.setdefault(name, set()).add(str(number))
                    found.setdefault(f"{path.stem}.{name}", set()).add(str(number))
    return found


def evaluate_number(node: ast.expr) -> int | None:
    """Return the value of a whole number, or of a product of whole numbers; None for another expression."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        left, right = evaluate_number(node.left), evaluate_number(node.right)
        return None if left is None or right is None else left * right
    return None


def read_unit_setting(name: str) -> set[str]:
    """Return the values of the setting `unit: Key` in the units that Ansible installs."""
    unit, key = name.split(": ")
    (path,) = UNITS.rglob(unit)
    parser = configparser.ConfigParser(strict=False)
    parser.read(path, encoding="utf-8")
    return {parser[section][key] for section in parser.sections() if key in parser[section]}


@pytest.mark.parametrize("row", REFERENCE.table("Other bounds"), ids=lambda row: row[0].text)
def test_a_bound_in_the_reference_equals_that_of_the_code(row: Row) -> None:
    name = row[0].spans[0]
    declared = read_unit_setting(name) if ": " in name else read_constants().get(name, set())

    assert declared == {row[1].text}


@pytest.mark.parametrize("row", REFERENCE.table("Numbers of the profile"), ids=lambda row: row[0].text)
def test_a_number_of_the_profile_in_the_reference_is_the_one_that_the_tool_uses(row: Row) -> None:
    name, _, member = row[0].spans[0].partition(".")
    part = PROFILE.owner if name == "owner" else PROFILE.get_port(name)
    assert row[1].text == str(getattr(part, member))
