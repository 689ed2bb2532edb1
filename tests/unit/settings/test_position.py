"""A setting is found on its line, however TOML lets it be written."""

from __future__ import annotations

import pytest
from settings.position import find_line

TEXT = """\
title = "x"

[site]
name = "gogs"
zone = { name = "example.com" }
text = '''
a
b'''
database.port = 3306

[site.hosted_zone] # comment
name = "example.com"
"""


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("title",), 1),
        (("site",), 3),
        (("site", "name"), 4),
        (("site", "zone", "name"), 5),
        (("site", "text"), 8),
        (("site", "database", "port"), 9),
        (("site", "hosted_zone", "name"), 12),
    ],
)
def test_a_value_is_found_on_the_line_where_it_ends(keys: tuple[str, ...], line: int) -> None:
    assert find_line(TEXT, keys) == line


@pytest.mark.parametrize(
    ("keys", "line"), [(("site", "absent"), 3), (("site", "hosted_zone", "absent"), 11), (("absent",), None)]
)
def test_a_missing_value_is_located_at_its_table(keys: tuple[str, ...], line: int | None) -> None:
    assert find_line(TEXT, keys) == line
