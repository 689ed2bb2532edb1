"""Convert old names and values in app.ini to those of Gogs 0.13 and later, which ignores old names: without TYPE the database is PostgreSQL.

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
NAMES_OF_OLD_RELEASES = {
    ("database", "DB_TYPE"),
    ("database", "PASSWD"),
    ("server", "ROOT_URL"),
    ("", "APP_NAME"),
    ("session", "GC_INTERVAL_TIME"),
}

# Keys for which an empty value means the default before 0.12, and empty, zero or false since then.
EMPTY_WAS_DEFAULT = {
    ("", "BRAND_NAME"), ("attachment", "ENABLED"), ("attachment", "ALLOWED_TYPES"), ("attachment", "MAX_SIZE"), ("attachment", "MAX_FILES"),
    ("auth", "ACTIVATE_CODE_LIVES"), ("auth", "RESET_PASSWORD_CODE_LIVES"), ("auth", "REVERSE_PROXY_AUTHENTICATION_HEADER"),
    ("cache", "ADAPTER"), ("cache", "INTERVAL"), ("email", "SUBJECT_PREFIX"), ("picture", "GRAVATAR_SOURCE"), ("repository", "SCRIPT_TYPE"),
    ("security", "LOGIN_STATUS_COOKIE_NAME"), ("session", "COOKIE_NAME"), ("session", "CSRF_COOKIE_NAME"), ("session", "GC_INTERVAL"),
    ("session", "MAX_LIFE_TIME"), ("time", "FORMAT"),
}  # fmt: skip


def is_of_old_release(old: Ini) -> bool:
    """Return whether a file is read by a release that has the old names: before 0.13.

    An owner who updated Gogs added the new names and may have kept the old ones, which 0.13 and later ignore. Without TYPE they use PostgreSQL,
    so a file with TYPE is one of theirs.
    """
    return (not old.get("database", "TYPE") and any(old.get(*name) for name in NAMES_OF_OLD_RELEASES)) or any(
        section in old.sections for section in SECTIONS
    )


def list_old_names(old: Ini) -> list[str]:
    """Return the settings with a value under a name that Gogs ignores since 0.13, as `[section] KEY`."""
    found = [(section, key) for section, keys in old.sections.items() for key, value in keys.items() if value]
    return [
        f"[{section}] {key}" if section else key
        for section, key in found
        if section in SECTIONS or (section, key) in KEYS
    ]


def modernize(old: Ini) -> Ini:
    """Return the same configuration with the names and values of 0.13 and later. If a key has both names, the value of the new name is kept."""
    is_old = is_of_old_release(old)
    new = Ini()
    renamed: list[tuple[str, str, str]] = []
    for section, keys in old.sections.items():
        home = SECTIONS.get(section, section)
        new.sections.setdefault(home, {})
        for key, value in keys.items():
            place = KEYS.get((home, key), (home, key))
            if is_old and not value and place in EMPTY_WAS_DEFAULT:
                continue
            text = _rename_references(old, section, _translate_value(home, key, value, is_old=is_old), is_old=is_old)
            text = hide_dollars(text) if is_old else text
            if place != (section, key):
                renamed.append((*place, text))
            else:
                new.set(home, key, text)
    for section, key, text in renamed:
        if not new.get(section, key):
            new.set(section, key, text)
    return new


def _translate_value(section: str, key: str, value: str, *, is_old: bool) -> str:
    """Return the present form of a value, for keys whose values have changed their meaning."""
    if (section, key) == ("server", "LANDING_PAGE"):
        # The old key has the name of a page. Every other word means the home page. LANDING_URL is a path.
        return "/explore" if value == "explore" else "/"
    if (section, key) == ("attachment", "ALLOWED_TYPES") and is_old:
        # Before 0.12 both characters separated types; now a comma is part of a type.
        return "|".join(one.strip() for one in value.replace(",", "|").split("|"))
    return value


def _rename_references(old: Ini, section: str, value: str, *, is_old: bool, depth: int = 0) -> str:
    """Return `value` with its references `%(NAME)s` under new names. A reference that has no new name is replaced by the value itself."""

    def replace(match: re.Match[str]) -> str:
        home = _find_section(old, section, match[1])
        place = KEYS.get((SECTIONS.get(home, home), match[1]))
        found = old.get(home, match[1])
        # Gogs does not expand environment variables in a value that it inserts, so a `$` in it could not be hidden.
        if (
            old.has(home, match[1])
            and depth < 9
            and ((is_old and "$" in found) or (place and place[0] not in ("", home)))
        ):
            return _rename_references(old, home, found, is_old=is_old, depth=depth + 1)
        return f"%({place[1]})s" if place else match[0]

    return REFERENCE.sub(replace, value)


def _find_section(old: Ini, section: str, key: str) -> str:
    """Return the section in which go-ini finds a referenced key: the section itself, one of its parents, or the keys without a section."""
    while not old.has(section, key) and section:
        section = section.rpartition(".")[0]
    return section
