"""Gogs's dialect of INI."""

from __future__ import annotations

import pytest
from cutover_site.errors import NotConfigured
from cutover_site.gogs.ini import Ini, literal, parse, render

FILE = """\
; a comment
APP_NAME = Älteres Gogs
RUN_USER=git

[database]
DB_TYPE = mysql
PASSWD = `a#b;c"d`
HOST : 10.0.0.1:3306
[repository]
ROOT = "/srv/git # not a comment"
LONG = one \\
   two
[empty]
[doc]
TEXT = \"\"\"has `backticks`\"\"\"
"""


def test_every_form_of_a_value_is_read_as_gogs_reads_it() -> None:
    ini = parse(FILE)
    assert ini.get("", "APP_NAME") == "Älteres Gogs"
    assert ini.get("database", "PASSWD") == 'a#b;c"d'
    assert ini.get("database", "HOST") == "10.0.0.1:3306"
    assert ini.get("repository", "ROOT") == "/srv/git # not a comment"
    assert ini.get("repository", "LONG") == "one two"
    assert ini.get("doc", "TEXT") == "has `backticks`"


def test_what_is_written_reads_back_the_same() -> None:
    ini = parse(FILE)
    again = parse(render(ini))
    assert {name: keys for name, keys in again.sections.items() if keys} == {
        name: keys for name, keys in ini.sections.items() if keys
    }


@pytest.mark.parametrize("value", ["a#b", "a;b", ' lead and trail "', "it's", "back\\slash", "tick`tock", "#", ""])
def test_hard_values_survive(value: str) -> None:
    ini = Ini()
    ini.set("s", "K", value)
    assert parse(render(ini)).get("s", "K") == value


def test_a_dollar_is_hidden_from_the_expansion_of_environment_variables() -> None:
    assert literal("pa$$word") == "pa${GOGS_DOLLAR}${GOGS_DOLLAR}word"


@pytest.mark.parametrize("value", ['both ` and """', "two\nlines"])
def test_a_value_that_cannot_be_written_is_refused(value: str) -> None:
    ini = Ini()
    ini.set("s", "K", value)
    with pytest.raises(NotConfigured):
        render(ini)


def test_interpolation_cannot_be_quoted_so_it_is_refused() -> None:
    with pytest.raises(NotConfigured, match="interpolates"):
        literal("%(ROOT)s")


@pytest.mark.parametrize("text", ["[open", "nonsense", "K = `open"])
def test_a_damaged_line_is_named(text: str) -> None:
    with pytest.raises(NotConfigured, match="line 2"):
        parse(f"A = 1\n{text}\n")
