"""The contracts of .importlinter list every package of the product, because a package that no contract lists may import anything."""

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
"""packages that the other packages load by name"""


SCRIPTS_OF_MACHINES = {"rehearsal/aws/mgn/agent", "rehearsal/aws/ssm/agent", "rehearsal/cloudendure/agent"}
"""folders with programs that are copied to machines; nobody imports them"""


def get_names(contracts: ConfigParser, section: str, option: str) -> set[str]:
    return set(contracts[section][option].split())


def test_every_package_is_analyzed(contracts: ConfigParser) -> None:
    assert get_names(contracts, "importlinter", "root_packages") == {*PRODUCT, "rehearsal", "gogs_standin"}


def test_no_folder_of_a_package_is_hidden_from_the_contracts() -> None:
    # Python imports a folder without __init__.py, but import-linter does not see it (findings/import-linter-folders-without-init.sh).
    tops = ("stacks", "operate", "constructs/*", "lambda/*", "assets/site/*", "rehearsal")
    modules = {module.parent for top in tops for module in ROOT.glob(f"{top}/**/*.py")}
    hidden = {folder.relative_to(ROOT).as_posix() for folder in modules if not (folder / "__init__.py").exists()}
    assert hidden == SCRIPTS_OF_MACHINES


def test_no_package_of_the_product_may_import_the_rehearsal(contracts: ConfigParser) -> None:
    assert get_names(contracts, f"{CONTRACT}product", "source_modules") == PRODUCT


def test_the_rehearsal_and_the_tool_may_import_no_package_of_the_product(contracts: ConfigParser) -> None:
    assert get_names(contracts, f"{CONTRACT}rehearsal", "forbidden_modules") >= PRODUCT - SHARED
    assert get_names(contracts, f"{CONTRACT}tool", "forbidden_modules") >= PRODUCT - SHARED - {"cutover_site"}


def test_the_stand_in_may_import_no_other_package(contracts: ConfigParser) -> None:
    assert get_names(contracts, f"{CONTRACT}stand-in", "forbidden_modules") >= PRODUCT | {"rehearsal", "tests"}
    assert "gogs_standin" in get_names(contracts, f"{CONTRACT}rehearsal", "forbidden_modules")


def test_profiles_may_import_no_package_of_the_product(contracts: ConfigParser) -> None:
    assert get_names(contracts, f"{CONTRACT}profiles", "forbidden_modules") >= PRODUCT - SHARED


def test_functions_and_the_code_that_deploys_them_may_not_import_each_other(contracts: ConfigParser) -> None:
    assert get_names(contracts, f"{CONTRACT}functions-are-deployed-alone", "source_modules") == FUNCTIONS
    assert get_names(contracts, f"{CONTRACT}functions-are-deployed-alone", "forbidden_modules") >= DEPLOYED_BY
    assert get_names(contracts, f"{CONTRACT}constructs-know-the-plan", "source_modules") == DEPLOYED_BY
    assert get_names(contracts, f"{CONTRACT}constructs-know-the-plan", "forbidden_modules") == FUNCTIONS


def test_the_layers_list_every_package_of_stacks_and_constructs(contracts: ConfigParser) -> None:
    assert get_names(contracts, f"{CONTRACT}stacks", "layers") - {":"} == DEPLOYED_BY
