"""Gogs's dialect of INI."""

from __future__ import annotations

from pathlib import Path

import pytest
from cutover_site.errors import NotConfigured
from cutover_site.gogs.ini import Ini, format_value, load, parse, render

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


def test_every_form_of_a_value_is_parsed_as_gogs_parses_it() -> None:
    ini = parse(FILE)
    assert ini.get("", "APP_NAME") == "Älteres Gogs"
    assert ini.get("database", "PASSWD") == 'a#b;c"d'
    assert ini.get("database", "HOST") == "10.0.0.1:3306"
    assert ini.get("repository", "ROOT") == "/srv/git # not a comment"
    assert ini.get("repository", "LONG") == "one two"
    assert ini.get("doc", "TEXT") == "has `backticks`"


def test_a_rendered_file_is_parsed_to_the_same_values() -> None:
    ini = parse(FILE)
    again = parse(render(ini))
    assert {name: keys for name, keys in again.sections.items() if keys} == {
        name: keys for name, keys in ini.sections.items() if keys
    }


@pytest.mark.parametrize(
    "value",
    [
        "a#b",
        "a;b",
        ' lead and trail "',
        "it's",
        "back\\slash",
        "ends\\",
        "tick`tock",
        "#",
        "",
        'both ` and """',
        "two\nlines",
        "a`b\nc",
        'a"""b\nc',
        "a\n\n",
    ],
)
def test_a_value_with_special_characters_is_preserved(value: str) -> None:
    ini = Ini()
    ini.set("s", "K", value)
    assert parse(render(ini)).get("s", "K") == value


def test_a_dollar_is_protected_from_variable_expansion() -> None:
    assert format_value("pa$$word") == "pa${GOGS_DOLLAR}${GOGS_DOLLAR}word"


@pytest.mark.parametrize("key", ["a:b", "a=b", "#a", ";a", "[a", "`a", '"a', "a`=", '"a:', "-a", "a b", "#1", "ключ"])
def test_a_key_with_special_characters_is_preserved(key: str) -> None:
    ini = Ini()
    ini.set("s", key, "value")
    assert parse(render(ini)).sections["s"] == {key: "value"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("K", 's3cret ` and """\nof two lines'),
        ("-", "s3cret"),
        ("", "s3cret"),
        ("a\nb", "s3cret"),
        (' a"""`=', "s3cret"),
    ],
)
def test_a_setting_that_cannot_be_written_is_rejected_without_its_value(key: str, value: str) -> None:
    ini = Ini()
    ini.set("mailer", key, value)
    with pytest.raises(NotConfigured, match=r"\[mailer\]") as refused:
        render(ini)
    assert key in refused.value.reason
    assert "s3cret" not in refused.value.reason + refused.value.next_action


def test_keys_without_a_section_are_written_first() -> None:
    ini = parse("[a]\nX = 1\n")
    ini.sections = {"a": ini.sections["a"], "": {"Y": "2"}}
    assert parse(render(ini)).sections == {"": {"Y": "2"}, "a": {"X": "1"}}


def test_line_ends_and_utf_8_of_a_file_are_preserved(tmp_path: Path) -> None:
    path = tmp_path / "app.ini"
    path.write_bytes("A = 1\rB\r\n[s]\r\nK = ü\r\n".encode())
    assert load(path).sections == {"": {"A": "1\rB"}, "s": {"K": "ü"}}


def test_a_file_with_another_encoding_is_rejected_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "app.ini"
    path.write_bytes("A = 1\nB = ü\n".encode("latin-1"))
    with pytest.raises(NotConfigured, match="line 2: this is not UTF-8"):
        load(path)


def test_a_percent_sign_without_a_reference_is_accepted() -> None:
    assert format_value("50%(") == "50%("


def test_a_literal_with_an_interpolation_is_rejected() -> None:
    with pytest.raises(NotConfigured, match="interpolates"):
        format_value("%(ROOT)s")


@pytest.mark.parametrize("text", ["[open", "nonsense", "K = `open"])
def test_a_damaged_line_is_reported_by_number(text: str) -> None:
    with pytest.raises(NotConfigured, match="line 2"):
        parse(f"A = 1\n{text}\n")
