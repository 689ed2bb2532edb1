"""Files and functions stay short: medians and counts, because a single long table or constructor may be the clearest form."""

from __future__ import annotations

import ast
import statistics
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
DEPLOYED = ("app.py", "stacks", "constructs", "lambda", "operate", "assets", "rehearsal")
MEDIAN_LINES, LONG_FUNCTION_LINES, LONG_FUNCTIONS = 90, 40, 45


def list_modules(*names: str) -> Iterator[Path]:
    """Yield the Python files of these files and folders."""
    for name in names:
        path = ROOT / name
        yield from path.rglob("*.py") if path.is_dir() else [path]


@cache
def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_the_median_file_is_short() -> None:
    lengths = [len(read(path).splitlines()) for path in list_modules(*DEPLOYED, "tests")]
    assert len(lengths) > 1000
    assert statistics.median(lengths) < MEDIAN_LINES


def test_few_functions_are_long() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in list_modules(*DEPLOYED)
        for node in ast.walk(ast.parse(read(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= LONG_FUNCTION_LINES
    ]
    assert len(long) < LONG_FUNCTIONS, long


def test_lines_of_the_rehearsals_tests_fit_the_configured_length() -> None:
    """ruff applies the length to code, but not to strings and comments."""
    longest = tomllib.loads(read(ROOT / "pyproject.toml"))["tool"]["ruff"]["line-length"]
    too_long = [
        f"{path.relative_to(ROOT)}:{number}: {len(line)}"
        for path in list_modules("tests/rehearsal")
        for number, line in enumerate(read(path).splitlines(), 1)
        if len(line) > longest
    ]
    assert too_long == []
