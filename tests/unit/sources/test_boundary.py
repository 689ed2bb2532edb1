"""Only the demo's own files and the listed exceptions name the demo source. The description of a source depends on none of it."""

from __future__ import annotations

import dataclasses
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest
from source_site import SourceSite

ROOT = Path(__file__).parents[3]
PRODUCT = ("app.py", "migration.toml", "Makefile", "stacks", "constructs", "lambda", "operate", "assets")

PLACES = ("constructs/demo_source/", "constructs/settings/sources/demo.py", "stacks/source_stack.py")
"""the constructs of the demo source, its settings, and the stack that creates it"""

WORDS = re.compile(r"(demo|mock)[ _]?source|source ?stack|\b10\.10\.", re.IGNORECASE)
"""its package, its stack, its network"""

ALLOWED = {
    "app.py": (r"SourceStack", "the commands that an operator types"),
    "assets/ansible/README.md": (r"demo source", "names the supported source"),
    "constructs/providers/interface.py": (r"demo source", "the agent of a server that Cutover installs itself"),
    "constructs/settings/model.py": (r"SourceStack", "the zone that only the demo creates"),
    "constructs/settings/site.py": (r"SourceStack", "who creates the zone of the demo"),
    "constructs/settings/sources/__init__.py": (r"DemoSource", "the union that kind distinguishes"),
    "constructs/settings/sources/existing.py": (r"SourceStack", "the stack that an existing source does not have"),
    "constructs/source_site/__init__.py": (r"demo_source", "names the implementations of a description"),
    "lambda/common/site_parameters.py": (r"SourceStack", "who writes the parameters of a first boot"),
    "constructs/settings/zones.py": (r"SourceStack", "who creates the zone of the demo"),
    "operate/checks/demo.py": (r"SourceStack|DemoSource", "what the checks expect of the stack that creates the demo"),
    "operate/report/aws.py": (r"SourceStack", "the stacks whose resources the report lists, where they exist"),
    "operate/report/sections/resources.py": (r"SourceStack", "how the demo is removed, where it exists"),
    "operate/costs.py": (r"SourceStack", "the stacks whose resources are billed"),
    "migration.toml": (r"SourceStack", "what the demo creates when a setting is omitted"),
    "stacks/composition.py": (r"SourceStack|source_stack|DemoSource", "the only place that selects the source"),
}  # fmt: skip
"""File, the pattern that it may contain, the reason."""

INTERFACE = re.compile(r"I[A-Z]\w+")


def list_product() -> list[str]:
    listed = subprocess.run(["git", "ls-files", *PRODUCT], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def search(names: list[str]) -> list[str]:
    found = [f"{name}: in its own name" for name in names if WORDS.search(name)]
    for name in names:
        allowed = ALLOWED.get(name, (r"(?!)", ""))[0]
        for number, line in enumerate((ROOT / name).read_text(errors="replace").splitlines(), 1):
            if WORDS.search(re.sub(allowed, "", line)):
                found.append(f"{name}:{number}: {line.strip()}")
    return found


def test_only_listed_files_of_the_product_name_the_demo_source() -> None:
    names = [name for name in list_product() if not name.startswith(PLACES)]
    assert len(names) > 200, "the search must see the product"
    assert search(names) == []


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_every_listed_exception_is_still_required(name: str) -> None:
    pattern, reason = ALLOWED[name]
    assert reason
    assert re.search(pattern, (ROOT / name).read_text()), f"{name} needs no exception any more"


def test_every_listed_path_exists() -> None:
    names = list_product()
    assert [place for place in PLACES if not any(name.startswith(place) for name in names)] == []


def list_leaf_types(kind: Any) -> Iterator[Any]:
    """Yield the leaf types of a description, through its own dataclasses, unions and tuples."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        for hint in get_type_hints(kind).values():
            yield from list_leaf_types(hint)
    elif arguments := get_args(kind):
        for argument in arguments:
            yield from list_leaf_types(argument)
    elif kind is not Ellipsis:
        yield kind


def test_a_description_contains_only_interfaces_strings_and_numbers() -> None:
    found = {kind for kind in list_leaf_types(SourceSite) if kind not in (str, int, NoneType)}
    assert found, "secrets, roles and the peered network are interfaces"
    assert [
        kind for kind in found if not (kind.__module__.startswith("aws_cdk.") and INTERFACE.fullmatch(kind.__name__))
    ] == []
