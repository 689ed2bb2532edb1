"""Old names of app.ini and what 0.13 and later call them. Old names are ignored there: a database TYPE that is not found means PostgreSQL.

Source: Gogs's own change log of 0.12 and 0.13 (`checkInvalidOptions` lists the removed ones).
"""

from __future__ import annotations

from cutover_site.gogs.ini import Ini, literal

SECTIONS = {"mailer": "email", "service": "auth"}

KEYS: dict[tuple[str, str], tuple[str, str]] = {
    ("", "APP_NAME"): ("", "BRAND_NAME"),
    ("server", "ROOT_URL"): ("server", "EXTERNAL_URL"),
    ("server", "LANDING_PAGE"): ("server", "LANDING_URL"),
    ("database", "DB_TYPE"): ("database", "TYPE"),
    ("database", "PASSWD"): ("database", "PASSWORD"),
    ("email", "PASSWD"): ("email", "PASSWORD"),
    ("email", "SUBJECT"): ("email", "SUBJECT_PREFIX"),
    ("auth", "ACTIVE_CODE_LIVE_MINUTES"): ("auth", "ACTIVATE_CODE_LIVES"),
    ("auth", "RESET_PASSWD_CODE_LIVE_MINUTES"): ("auth", "RESET_PASSWORD_CODE_LIVES"),
    ("auth", "REGISTER_EMAIL_CONFIRM"): ("auth", "REQUIRE_EMAIL_CONFIRMATION"),
    ("auth", "ENABLE_CAPTCHA"): ("auth", "ENABLE_REGISTRATION_CAPTCHA"),
    ("auth", "ENABLE_NOTIFY_MAIL"): ("user", "ENABLE_EMAIL_NOTIFICATION"),
    ("security", "REVERSE_PROXY_AUTHENTICATION_USER"): ("auth", "REVERSE_PROXY_AUTHENTICATION_HEADER"),
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


def modernise(old: Ini) -> Ini:
    """The same configuration under the names of 0.13 and later. A key that is there under both names keeps its new one's value."""
    aged = any(old.get(*name) for name in OLD) or any(section in old.sections for section in SECTIONS)
    new = Ini()
    renamed: list[tuple[str, str, str]] = []
    for section, keys in old.sections.items():
        home = SECTIONS.get(section, section)
        new.sections.setdefault(home, {})
        for key, value in keys.items():
            place = KEYS.get((home, key))
            text = literal(value) if aged and "%(" not in value else value
            if place is not None:
                renamed.append((*place, text))
            elif section != home:
                renamed.append((home, key, text))
            else:
                new.set(home, key, text)
    for section, key, text in renamed:
        if not new.get(section, key):
            new.set(section, key, text)
    return new
