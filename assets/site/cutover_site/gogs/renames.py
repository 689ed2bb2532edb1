"""Old names and old values of app.ini, and what 0.13 and later write for them. Old names are ignored there: a database TYPE that is not found
means PostgreSQL.

Source: Gogs's own change log of 0.12 and 0.13 (`checkInvalidOptions` lists the removed ones), and the readers of 0.6.15, 0.9.141, 0.11.91
(`setting.go`) beside those of 0.12.11 to 0.14.3 (`conf.go`, `static.go`).
"""

from __future__ import annotations

import re

from cutover_site.gogs.ini import REFERENCE, Ini, hide_dollars

SECTIONS = {"mailer": "email", "service": "auth"}

KEYS: dict[tuple[str, str], tuple[str, str]] = {
    ("", "APP_NAME"): ("", "BRAND_NAME"),
    ("server", "ROOT_URL"): ("server", "EXTERNAL_URL"),
    ("server", "LANDING_PAGE"): ("server", "LANDING_URL"),
    ("database", "DB_TYPE"): ("database", "TYPE"),
    ("database", "PASSWD"): ("database", "PASSWORD"),
    ("email", "PASSWD"): ("email", "PASSWORD"),
    ("auth", "ACTIVE_CODE_LIVE_MINUTES"): ("auth", "ACTIVATE_CODE_LIVES"),
    ("auth", "RESET_PASSWD_CODE_LIVE_MINUTES"): ("auth", "RESET_PASSWORD_CODE_LIVES"),
    ("auth", "REGISTER_EMAIL_CONFIRM"): ("auth", "REQUIRE_EMAIL_CONFIRMATION"),
    ("auth", "ENABLE_CAPTCHA"): ("auth", "ENABLE_REGISTRATION_CAPTCHA"),
    ("auth", "ENABLE_NOTIFY_MAIL"): ("user", "ENABLE_EMAIL_NOTIFICATION"),
    ("security", "REVERSE_PROXY_AUTHENTICATION_USER"): ("auth", "REVERSE_PROXY_AUTHENTICATION_HEADER"),
    ("attachment", "ENABLE"): ("attachment", "ENABLED"),  # until 0.10
    ("session", "GC_INTERVAL_TIME"): ("session", "GC_INTERVAL"),
    ("session", "SESSION_LIFE_TIME"): ("session", "MAX_LIFE_TIME"),
}

# A file with one of these was written for a Gogs that did not expand environment variables yet.
OLD = {
    ("database", "DB_TYPE"),
    ("database", "PASSWD"),
    ("server", "ROOT_URL"),
    ("", "APP_NAME"),
    ("session", "GC_INTERVAL_TIME"),
}

# Where releases before 0.12 took an empty value for "the default", and later ones take it for empty, zero or false.
EMPTY_WAS_DEFAULT = {
    ("", "BRAND_NAME"), ("attachment", "ENABLED"), ("attachment", "ALLOWED_TYPES"), ("attachment", "MAX_SIZE"), ("attachment", "MAX_FILES"),
    ("auth", "ACTIVATE_CODE_LIVES"), ("auth", "RESET_PASSWORD_CODE_LIVES"), ("auth", "REVERSE_PROXY_AUTHENTICATION_HEADER"),
    ("cache", "ADAPTER"), ("cache", "INTERVAL"), ("email", "SUBJECT_PREFIX"), ("picture", "GRAVATAR_SOURCE"), ("repository", "SCRIPT_TYPE"),
    ("security", "LOGIN_STATUS_COOKIE_NAME"), ("session", "COOKIE_NAME"), ("session", "CSRF_COOKIE_NAME"), ("session", "GC_INTERVAL"),
    ("session", "MAX_LIFE_TIME"), ("time", "FORMAT"),
}  # fmt: skip


def modernise(old: Ini) -> Ini:
    """Return the same configuration as 0.13 and later write it. A key that is there under both names keeps its new one's value."""
    aged = any(old.get(*name) for name in OLD) or any(section in old.sections for section in SECTIONS)
    new = Ini()
    renamed: list[tuple[str, str, str]] = []
    for section, keys in old.sections.items():
        home = SECTIONS.get(section, section)
        new.sections.setdefault(home, {})
        for key, value in keys.items():
            place = KEYS.get((home, key), (home, key))
            if aged and not value and place in EMPTY_WAS_DEFAULT:
                continue
            text = _references(old, section, _translated(home, key, value, aged=aged), aged=aged)
            text = hide_dollars(text) if aged else text
            if place != (section, key):
                renamed.append((*place, text))
            else:
                new.set(home, key, text)
    for section, key, text in renamed:
        if not new.get(section, key):
            new.set(section, key, text)
    return new


def _translated(section: str, key: str, value: str, *, aged: bool) -> str:
    """Return what a key's value is today whose values, not only its name, have changed their meaning."""
    if (section, key) == ("server", "LANDING_PAGE"):
        # It named a page, and every other word than this one meant the home page. LANDING_URL is a path.
        return "/explore" if value == "explore" else "/"
    if (section, key) == ("attachment", "ALLOWED_TYPES") and aged:
        # Before 0.12 both marks separated types; now a comma is part of one.
        return "|".join(one.strip() for one in value.replace(",", "|").split("|"))
    return value


def _references(old: Ini, section: str, value: str, *, aged: bool, depth: int = 0) -> str:
    """Return `value` whose `%(NAME)s` name what `old` meant by them. A reference that no name can replace gives way to the value itself."""

    def replace(match: re.Match[str]) -> str:
        home = _defined_in(old, section, match[1])
        place = KEYS.get((SECTIONS.get(home, home), match[1]))
        found = old.get(home, match[1])
        # Gogs expands no environment variable in what it inserts, so a `$` could not be hidden there.
        if (
            old.has(home, match[1])
            and depth < 9
            and ((aged and "$" in found) or (place and place[0] not in ("", home)))
        ):
            return _references(old, home, found, aged=aged, depth=depth + 1)
        return f"%({place[1]})s" if place else match[0]

    return REFERENCE.sub(replace, value)


def _defined_in(old: Ini, section: str, key: str) -> str:
    """Return the section that go-ini takes a reference from: the key's own, one of its parents, or the keys without a section."""
    while not old.has(section, key) and section:
        section = section.rpartition(".")[0]
    return section
