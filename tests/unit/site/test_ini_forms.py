"""Every form of app.ini with the values that Gogs's own library returns for it.

goini_forms.json was recorded with gopkg.in/ini.v1 1.67.0: `ini.LoadSources(ini.LoadOptions{IgnoreInlineComment: true}, text)`, then Key.Value()
of each key; `values` is null where it returns an error. Keys of DEFAULT are under "".
"""

import json
from pathlib import Path
from typing import Any

import pytest
from cutover_site.errors import NotConfigured
from cutover_site.gogs.ini import parse, render

TABLE = json.loads((Path(__file__).parent / "goini_forms.json").read_text())
VALID = [pytest.param(entry, id=entry["form"]) for entry in TABLE if entry["values"] is not None]
INVALID = [pytest.param(entry["text"], id=entry["form"]) for entry in TABLE if entry["values"] is None]


def values(text: str) -> dict[str, dict[str, str]]:
    return {name: keys for name, keys in parse(text).sections.items() if keys}


@pytest.mark.parametrize("entry", VALID)
def test_a_form_is_read_as_gogs_reads_it(entry: dict[str, Any]) -> None:
    assert values(entry["text"]) == entry["values"]


@pytest.mark.parametrize("entry", VALID)
def test_a_rendered_form_has_the_same_values(entry: dict[str, Any]) -> None:
    assert values(render(parse(entry["text"]))) == entry["values"]


@pytest.mark.parametrize("text", INVALID)
def test_a_form_that_gogs_cannot_read_is_rejected_with_the_line(text: str) -> None:
    with pytest.raises(NotConfigured, match=r"app.ini line \d+: "):
        parse(text)
