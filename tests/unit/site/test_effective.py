"""The effective values of app.ini. The expectations were recorded with gopkg.in/ini.v1 1.67.0, ValueMapper = os.ExpandEnv, GOGS_DOLLAR = $."""

import pytest
from cutover_site.gogs import effective
from cutover_site.gogs.ini import parse

INI = """\
A = top
HOME = /srv
[s]
A = own %(B)s
B = b
HOST = %(HOME)s/x
SELF = %(SELF)s
LOST = %(NOBODY)s %(B)s
PLAIN = 50%(
MONEY = a${GOGS_DOLLAR}b
RAW = %(MONEY)s
ENV = [${NOBODY}|$NOBODY|$1|$|${|${}|é$é]
[s.t]
C = %(B)s
"""


@pytest.mark.parametrize(
    ("section", "key", "expected"),
    [
        ("s", "A", "own b"),
        ("s", "HOST", "/srv/x"),
        ("s", "SELF", "%(SELF)s"),
        ("s", "LOST", "%(NOBODY)s %(B)s"),
        ("s", "PLAIN", "50%("),
        ("s", "MONEY", "a$b"),
        ("s", "RAW", "a${GOGS_DOLLAR}b"),
        ("s", "ENV", "[|||$||é$é]"),
        ("s.t", "C", "b"),
        ("s.t", "B", "b"),
        ("s.u.v", "B", "b"),
    ],
)
def test_a_value_is_expanded_as_gogs_expands_it(section: str, key: str, expected: str) -> None:
    assert effective.get_effective_value(parse(INI), section, key, "none") == expected


def test_a_section_inherits_no_key_from_the_default_section() -> None:
    assert effective.get_effective_value(parse(INI), "s.t", "HOME", "none") == "none"


def test_the_environment_variables_of_a_value_are_listed() -> None:
    assert effective.list_variables(parse("K = a${MAIL_PASS}$USER${GOGS_DOLLAR}\n"), "", "K") == ["MAIL_PASS", "USER"]


@pytest.mark.parametrize(
    ("text", "expected"), [("true", True), ("on", True), ("y", True), ("", False), ("enabled", False), ("false", False)]
)
def test_a_boolean_is_parsed_as_gogs_parses_it(text: str, expected: bool) -> None:
    assert effective.is_true(parse(f"K = {text}\n"), "", "K", default=True) is expected
