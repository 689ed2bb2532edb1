"""The conversion of old files: values with a changed meaning, references, and empty values."""

import pytest
from cutover_site.gogs import effective
from cutover_site.gogs.ini import parse
from cutover_site.gogs.renames import modernize

OLD = "[database]\nDB_TYPE = mysql\n"


@pytest.mark.parametrize(
    ("page", "url"),
    [("home", "/"), ("explore", "/explore"), ("", "/"), ("login", "/"), ("organizations", "/"), ("/explore", "/")],
)
def test_the_landing_page_is_converted_to_its_url(page: str, url: str) -> None:
    """Until 0.11, Gogs had only the value `explore`; every other value meant the home page."""
    assert modernize(parse(f"[server]\nLANDING_PAGE = {page}\n")).get("server", "LANDING_URL") == url


def test_a_landing_url_is_not_changed() -> None:
    assert modernize(parse("[server]\nLANDING_URL = /alice\n")).get("server", "LANDING_URL") == "/alice"


@pytest.mark.parametrize(
    ("types", "converted"),
    [
        ("image/jpeg,image/png", "image/jpeg|image/png"),
        ("image/jpeg|image/png", "image/jpeg|image/png"),
        ("*/*", "*/*"),
        ("a/b, c/d", "a/b|c/d"),
    ],
)
def test_attachment_types_with_commas_are_converted(types: str, converted: str) -> None:
    assert (
        modernize(parse(f"{OLD}[attachment]\nALLOWED_TYPES = {types}\n")).get("attachment", "ALLOWED_TYPES")
        == converted
    )


def test_attachment_types_in_a_current_file_are_not_changed() -> None:
    new = "[database]\nTYPE = mysql\n[attachment]\nALLOWED_TYPES = a/b,c/d\n"
    assert modernize(parse(new)).get("attachment", "ALLOWED_TYPES") == "a/b,c/d"


def test_attachments_that_an_old_file_disables_stay_disabled() -> None:
    assert modernize(parse("[attachment]\nENABLE = false\n")).get("attachment", "ENABLED") == "false"


@pytest.mark.parametrize(
    ("old", "place"),
    [
        ("[attachment]\nMAX_SIZE =\n", ("attachment", "MAX_SIZE")),
        ("[time]\nFORMAT =\n", ("time", "FORMAT")),
        ("[service]\nACTIVE_CODE_LIVE_MINUTES =\n", ("auth", "ACTIVATE_CODE_LIVES")),
        ("[security]\nREVERSE_PROXY_AUTHENTICATION_USER =\n", ("auth", "REVERSE_PROXY_AUTHENTICATION_HEADER")),
        ("[session]\nCOOKIE_NAME =\n", ("session", "COOKIE_NAME")),
    ],
)
def test_an_empty_value_that_meant_the_default_is_removed(old: str, place: tuple[str, str]) -> None:
    assert not modernize(parse(OLD + old)).has(*place)


def test_an_empty_value_in_a_current_file_is_kept() -> None:
    assert modernize(parse("[time]\nFORMAT =\n")).has("time", "FORMAT")


def test_a_file_with_the_names_of_both_is_one_of_a_current_release() -> None:
    """Gogs 0.14 expands variables in it, and an empty value is no default."""
    new = modernize(
        parse(
            f"{OLD}TYPE = mysql\nPASSWD = old\nPASSWORD = new\n[repository]\nROOT = ${{DATA}}/git\n[time]\nFORMAT =\n"
        )
    )
    assert new.get("repository", "ROOT") == "${DATA}/git"
    assert new.get("database", "PASSWORD") == "new"
    assert new.has("time", "FORMAT")


def test_a_setting_that_no_release_read_is_not_converted() -> None:
    assert not modernize(parse("[mailer]\nSUBJECT = Forge\n")).has("email", "SUBJECT_PREFIX")


@pytest.mark.parametrize("name", ["APP_NAME = Forge\n", "[DEFAULT]\nAPP_NAME = Forge\n"])
def test_a_reference_follows_the_renamed_key(name: str) -> None:
    new = modernize(parse(f"{name}[mailer]\nSUBJECT_PREFIX = [%(APP_NAME)s]\n"))
    assert new.get("email", "SUBJECT_PREFIX") == "[%(BRAND_NAME)s]"
    assert effective.get_effective_value(new, "email", "SUBJECT_PREFIX") == "[Forge]"


def test_a_reference_to_a_default_of_gogs_is_renamed() -> None:
    assert modernize(parse("[mailer]\nFROM = %(APP_NAME)s <a@b>\n")).get("email", "FROM") == "%(BRAND_NAME)s <a@b>"


def test_a_reference_to_a_value_with_a_dollar_is_replaced_by_the_value() -> None:
    """Gogs 0.14 does not expand an inserted value, so the protected form would be visible."""
    new = modernize(parse("[mailer]\nUSER = a$b\nPASSWD = %(USER)s-c\nFROM = $%(NOBODY)s\n"))
    assert effective.get_effective_value(new, "email", "PASSWORD") == "a$b-c"
    assert effective.get_effective_value(new, "email", "FROM") == "$%(NOBODY)s"


def test_a_reference_to_itself_is_kept() -> None:
    new = modernize(parse("[mailer]\nUSER = $%(USER)s\n"))
    assert "%(USER)s" in new.get("email", "USER")
