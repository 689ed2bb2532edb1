"""The tests of the tool on the machines also run with the oldest Python of a machine, which has nothing else of the product and of its tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "tests/unit/site"
ABSENT = ("common", "procedure", "report", "custom_resource", "expiry", "operate", "rehearsal")


def list_imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names)


def test_they_import_only_the_tool_and_each_other() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in TESTS.rglob("*.py")
        for name in list_imports(path)
        if name.partition(".")[0] in ABSENT or (name.startswith("tests.") and not name.startswith("tests.unit.site."))
    }
    assert found == set(), "a test of both sides belongs into tests/unit/site_contract"
