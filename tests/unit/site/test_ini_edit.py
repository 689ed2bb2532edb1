"""Single settings of an app.ini are changed, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cutover_site.errors import NotConfigured
from cutover_site.gogs.ini import parse
from cutover_site.gogs.ini_edit import edit

from tests.unit.site.existing.shapes import SHAPES, Shape

PORT = {("server", "HTTP_PORT"): "3001"}


def test_one_line_is_replaced_where_it_is() -> None:
    text = "; mine\nA = 1\n\n[server]\n  HTTP_PORT=3000 \n# more\nDOMAIN = x\n[log]\nB=2"
    assert edit(text, PORT) == "; mine\nA = 1\n\n[server]\nHTTP_PORT = 3001\n# more\nDOMAIN = x\n[log]\nB=2"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[server]\nDOMAIN = x\n\n[log]\n", "[server]\nDOMAIN = x\nHTTP_PORT = 3001\n\n[log]\n"),
        ("[server]\n; none\n", "[server]\nHTTP_PORT = 3001\n; none\n"),
        ("[log]\nA = 1", "[log]\nA = 1\n[server]\nHTTP_PORT = 3001\n"),
        ("[server]\nDOMAIN = x", "[server]\nDOMAIN = x\nHTTP_PORT = 3001\n"),
        ("[log]\r\nA = 1\r\n", "[log]\r\nA = 1\r\n\r\n[server]\r\nHTTP_PORT = 3001\r\n"),
        ("", "[server]\nHTTP_PORT = 3001\n"),
        ("[server]\nHTTP_PORT = 1\nHTTP_PORT = 2\n", "[server]\nHTTP_PORT = 1\nHTTP_PORT = 3001\n"),
        ("[server]\nA = 1\n[log]\nB = 2\n[server]\nC = 3\n", "[server]\nA = 1\n[log]\nB = 2\n[server]\nC = 3\nHTTP_PORT = 3001\n"),
        ("\ufeff[server]\nHTTP_PORT = 1\n", "\ufeff[server]\nHTTP_PORT = 3001\n"),
        ("[server]\nHTTP_PORT = 30\\\n00\nA = 1\n", "[server]\nHTTP_PORT = 3001\nA = 1\n"),
    ],
)  # fmt: skip
def test_the_place_of_a_setting(text: str, expected: str) -> None:
    assert edit(text, PORT) == expected


def test_a_key_before_the_first_section() -> None:
    assert edit("[log]\nA = 1\n", {("", "RUN_USER"): "git"}) == "RUN_USER = git\n[log]\nA = 1\n"
    assert edit("B = 2\n[log]\n", {("", "RUN_USER"): "git"}) == "B = 2\nRUN_USER = git\n[log]\n"


def test_a_key_is_removed_wherever_it_is() -> None:
    assert edit("[a]\nX = 1\nY = 2\nX = 3\n", {("a", "X"): None}) == "[a]\nY = 2\n"
    assert edit("[a]\nY = 2\n", {("a", "X"): None}) == "[a]\nY = 2\n"


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_every_form_is_changed_and_changed_back_to_the_same_settings(shape: Shape) -> None:
    text = shape.text.replace("\n", shape.end)
    before = parse(text)
    changed = edit(text, {**PORT, ("server", "HTTP_ADDR"): "127.0.0.1"})
    assert parse(changed).get("server", "HTTP_PORT") == "3001"
    back = {
        (name, key): before.sections.get(name, {}).get(key)
        for name, key in (("server", "HTTP_PORT"), ("server", "HTTP_ADDR"))
    }
    restored = parse(edit(changed, back)).sections
    assert {name: keys for name, keys in restored.items() if keys} == {
        name: keys for name, keys in before.sections.items() if keys
    }


FORMS = [
    one for one in json.loads((Path(__file__).parent / "goini_forms.json").read_text()) if one["values"] is not None
]


@pytest.mark.parametrize("form", FORMS, ids=[one["form"] for one in FORMS])
def test_no_other_setting_changes_in_any_form_of_the_library(form: dict[str, Any]) -> None:
    try:
        found = parse(edit(form["text"], PORT)).sections
    except NotConfigured as error:
        assert "cannot be changed" in error.reason  # noqa: PT017
        return
    assert found.pop("server") == {**form["values"].pop("server", {}), "HTTP_PORT": "3001"}
    assert {name: keys for name, keys in found.items() if keys} == form["values"]


def test_a_file_that_gogs_cannot_read_is_refused() -> None:
    with pytest.raises(NotConfigured, match=r"app\.ini line 1"):
        edit("nonsense\n", PORT)


def test_a_value_that_would_swallow_the_next_line_is_not_changed_silently() -> None:
    # The last key continues over the line that would be inserted.
    with pytest.raises(NotConfigured, match="cannot be changed without another change"):
        edit("[server]\nDOMAIN = x\\", PORT)
