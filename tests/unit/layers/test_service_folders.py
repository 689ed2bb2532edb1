"""Every folder of the rehearsal that implements an API has the same files, and creates its errors in one of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

REHEARSAL = Path(__file__).parents[3] / "rehearsal"
SERVICES = (
    "aws/backup",
    "aws/ec2",
    "aws/network",
    "aws/elb",
    "aws/mgn",
    "aws/pricing",
    "aws/rds",
    "aws/scaling",
    "aws/ssm",
    "dms",
    "cloudendure",
)
FILES = ("models", "exceptions", "api", "responses")
SYNONYMS = re.compile(r"(.*_)?(answers?|models?|errors?|faults?|routes|actions|api|responses?|exceptions?)")
WITH_STATUS_ALONE = "cloudendure"
"""The API of the console documents HTTP statuses, so its modules raise `ApiError(status, message)` themselves."""


def read_modules(service: str) -> Iterator[Path]:
    """Yield the modules of a service, including those of its subfolders (dms/engine)."""
    yield from (path for path in (REHEARSAL / service).rglob("*.py") if path.name != "__init__.py")


def has_call(name: str, module: Path) -> bool:
    calls = [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call)]
    return any(isinstance(call.func, ast.Name) and call.func.id == name for call in calls)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_every_standard_file(service: str) -> None:
    folder = REHEARSAL / service
    assert [one for one in FILES if not ((folder / f"{one}.py").is_file() or (folder / one).is_dir())] == []


@pytest.mark.parametrize("service", SERVICES)
def test_no_file_of_a_service_has_a_synonym_of_a_standard_name(service: str) -> None:
    # `faults` are failures that a scenario injects, not errors of the API
    known = {*FILES, *({"faults"} if service == "cloudendure" else set())}
    top = [path.stem for path in (REHEARSAL / service).glob("*.py")]
    assert [name for name in top if SYNONYMS.fullmatch(name) and name not in known] == []


@pytest.mark.parametrize("service", [one for one in SERVICES if one != WITH_STATUS_ALONE])
def test_errors_are_created_in_one_file(service: str) -> None:
    makers = [path for path in read_modules(service) if has_call("ApiError", path)]
    assert [path.name for path in makers] == ["exceptions.py"]


def registers_actions(module: Path) -> bool:
    """Return whether a module calls `registry.register_actions` with actions of its own."""
    calls = [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call)]
    added = [
        call.args[1] for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "register_actions"
    ]
    return any(not isinstance(table, ast.Dict) or bool(table.keys) for table in added)


def test_only_the_api_of_a_service_registers_actions() -> None:
    modules = [path for path in (REHEARSAL / "aws").rglob("*.py") if path.parent.name != "registry"]
    found = [path.relative_to(REHEARSAL) for path in modules if registers_actions(path)]
    assert found
    assert [str(path) for path in found if not any(path.is_relative_to(service) for service in SERVICES)] == []
    assert [str(path) for path in found if "api" not in path.with_suffix("").parts] == []
