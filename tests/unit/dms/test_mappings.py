import json
from typing import Any

import pytest

from rehearsal.dms.mappings import BadMappings, Mappings, Unsupported


def rule(number: int, schema: str, table: str, action: str = "include", **more: Any) -> dict[str, Any]:
    return {
        "rule-type": "selection",
        "rule-id": str(number),
        "rule-name": str(number),
        "object-locator": {"schema-name": schema, "table-name": table},
        "rule-action": action,
        **more,
    }


def mappings(*rules: dict[str, Any]) -> Mappings:
    return Mappings.parse(json.dumps({"rules": rules}))


@pytest.mark.parametrize(
    ("pattern", "name", "selected"),
    [
        ("%", "anything", True),
        ("go%", "gogs", True),
        ("go%", "ogs", False),
        ("gog_", "gogs", True),
        ("gog[_]", "gogs", False),
        ("gog[_]", "gog_", True),
        ("a.c", "abc", False),
    ],
)
def test_a_pattern_selects_names_with_the_wildcards_of_dms(pattern: str, name: str, selected: bool) -> None:
    assert mappings(rule(1, pattern, "%")).is_selected(name, "issue") is selected


def test_an_exclusion_overrides_an_inclusion() -> None:
    found = mappings(rule(1, "gogs", "%"), rule(2, "gogs", "tmp%", "exclude"), rule(3, "cutover", "marker"))
    tables = [("gogs", "issue"), ("gogs", "tmp_x"), ("cutover", "marker"), ("cutover", "other")]
    assert found.select(tables) == [("gogs", "issue"), ("cutover", "marker")]


def test_an_explicit_rule_has_no_wildcards() -> None:
    found = mappings(rule(1, "gogs", "a%", "explicit"))
    assert found.select([("gogs", "a%"), ("gogs", "ab")]) == [("gogs", "a%")]


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"rules": 1}', '{"rules": [{"rule-type": "what"}]}', json.dumps({"rules": [rule(1, "a", "b", "exclude")]}),
     json.dumps({"rules": [rule(1, "a", "b", "perhaps")]}), json.dumps({"rules": [rule(1, "a", "%"), rule(1, "b", "%")]})],
)  # fmt: skip
def test_an_invalid_mapping_is_rejected(text: str) -> None:
    with pytest.raises(BadMappings):
        Mappings.parse(text)


@pytest.mark.parametrize(
    "raw",
    [
        {"rule-type": "transformation"},
        rule(1, "a", "b", filters=[{"filter-type": "source"}]),
        {"rule-type": "table-settings"},
    ],
)
def test_a_rule_that_is_not_emulated_is_rejected(raw: dict[str, Any]) -> None:
    with pytest.raises(Unsupported):
        mappings(raw)
