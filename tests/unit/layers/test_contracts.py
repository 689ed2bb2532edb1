"""A package that no contract names could import whatever it likes: every package of the product stands in .importlinter."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CONTRACT = "importlinter:contract:"


@pytest.fixture(scope="module")
def contracts() -> ConfigParser:
    parser = ConfigParser()
    parser.read_string((ROOT / ".importlinter").read_text())
    return parser


def packages(folder: str) -> set[str]:
    return {path.parent.name for path in (ROOT / folder).glob("*/__init__.py")}


FUNCTIONS = packages("lambda")
DEPLOYED_BY = {"stacks", *packages("constructs")}
PRODUCT = {"operate"} | DEPLOYED_BY | FUNCTIONS | packages("assets/site")
SHARED = {"applications"}
"""what the others load by name, each of them"""


def named(contracts: ConfigParser, section: str, option: str) -> set[str]:
    return set(contracts[section][option].split())


def test_every_package_is_analyzed(contracts: ConfigParser) -> None:
    assert named(contracts, "importlinter", "root_packages") == {*PRODUCT, "rehearsal", "gogs_standin"}


def test_every_package_of_the_product_is_kept_from_the_rehearsal(contracts: ConfigParser) -> None:
    assert named(contracts, f"{CONTRACT}product", "source_modules") == PRODUCT


def test_the_rehearsal_and_the_tool_are_kept_from_every_package(contracts: ConfigParser) -> None:
    assert named(contracts, f"{CONTRACT}rehearsal", "forbidden_modules") >= PRODUCT - SHARED
    assert named(contracts, f"{CONTRACT}tool", "forbidden_modules") >= PRODUCT - SHARED - {"cutover_site"}


def test_the_stand_in_is_kept_from_every_package(contracts: ConfigParser) -> None:
    assert named(contracts, f"{CONTRACT}stand-in", "forbidden_modules") >= PRODUCT | {"rehearsal", "tests"}
    assert "gogs_standin" in named(contracts, f"{CONTRACT}rehearsal", "forbidden_modules")


def test_profiles_import_nothing_of_the_product(contracts: ConfigParser) -> None:
    assert named(contracts, f"{CONTRACT}profiles", "forbidden_modules") >= PRODUCT - SHARED


def test_functions_and_what_deploys_them_are_kept_apart(contracts: ConfigParser) -> None:
    assert named(contracts, f"{CONTRACT}functions-are-deployed-alone", "source_modules") == FUNCTIONS
    assert named(contracts, f"{CONTRACT}functions-are-deployed-alone", "forbidden_modules") >= DEPLOYED_BY
    assert named(contracts, f"{CONTRACT}constructs-know-the-plan", "source_modules") == DEPLOYED_BY
    assert named(contracts, f"{CONTRACT}constructs-know-the-plan", "forbidden_modules") == FUNCTIONS


def test_every_construct_is_below_the_stacks(contracts: ConfigParser) -> None:
    assert named(contracts, f"{CONTRACT}stacks", "layers") - {":"} == DEPLOYED_BY
