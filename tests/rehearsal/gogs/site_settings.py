"""Settings of app.ini that decide what a visitor can do: public names and values of the releases 0.6 to 0.14.

Settings that do not affect each other share a site. `unchecked` are the checks of the acceptance suite that the
settings disable. The suite must skip exactly these.
"""

from __future__ import annotations

from dataclasses import dataclass

HTTP_GIT = frozenset({"clone", "push"})
SSH = frozenset({"ssh", "ssh_clone", "ssh_refusal"})
REPOSITORY = HTTP_GIT | SSH | {"lfs", "issue", "attachment", "migrated"}


@dataclass(frozen=True)
class Site:
    name: str
    releases: str
    """the releases that use these names"""
    app_ini: str
    unchecked: frozenset[str] = frozenset()
    parts: tuple[str, ...] = ()
    """prefixes of the parts that checks report as not checked"""
    https: bool = False
    charset: str = ""
    """the character set of the tables, unless it is Gogs's default"""


SITES = (
    Site("as it comes", "any", ""),
    Site(
        "closed to strangers", "0.6 to 0.12",
        """
        APP_NAME = `Company: "Git" #1`
        [service]
        REQUIRE_SIGNIN_VIEW = true
        DISABLE_REGISTRATION = true
        REGISTER_EMAIL_CONFIRM = true
        ENABLE_CAPTCHA = true
        ENABLE_NOTIFY_MAIL = true
        ACTIVE_CODE_LIVE_MINUTES = 10
        [attachment]
        ALLOWED_TYPES = application/pdf|application/zip
        MAX_SIZE = 1
        MAX_FILES = 1
        """,
    ),
    Site(
        "cookies for HTTPS alone", "0.6 to 0.14",
        """
        [session]
        COOKIE_SECURE = true
        COOKIE_NAME = company
        CSRF_COOKIE_NAME = company_form
        SESSION_LIFE_TIME = 3600
        [security]
        COOKIE_SECURE = on
        COOKIE_USERNAME = company_name
        COOKIE_REMEMBER_NAME = company_remember
        LOGIN_REMEMBER_DAYS = 0
        ENABLE_LOGIN_STATUS_COOKIE = true
        [repository.upload]
        ENABLED = false
        [release.attachment]
        ENABLED = false
        """,
        https=True,
    ),
    Site(
        "no attachments, short pages, one language", "0.9 to 0.14",
        """
        [attachment]
        ENABLED = false
        [api]
        MAX_RESPONSE_ITEMS = 1
        [ui]
        EXPLORE_PAGING_NUM = 1
        ISSUE_PAGING_NUM = 1
        FEED_MAX_COMMIT_NUM = 1
        [ui.user]
        REPO_PAGING_NUM = 1
        NEWS_FEED_PAGING_NUM = 0
        [i18n]
        LANGS = de-DE
        NAMES = Deutsch
        [admin]
        DISABLE_REGULAR_ORG_CREATION = true
        """,
        unchecked=frozenset({"attachment"}),
        parts=("that the hook post-receive notes a push",),
    ),
    Site(
        "git by SSH alone", "0.9 to 0.14",
        """
        [repository]
        DISABLE_HTTP_GIT = true
        FORCE_PRIVATE = true
        DEFAULT_BRANCH = trunk
        SCRIPT_TYPE = bash
        ANSI_CHARSET = GBK
        ENABLE_LOCAL_PATH_MIGRATION = true
        [server]
        MINIMUM_KEY_SIZE_CHECK = true
        [ssh.minimum_key_sizes]
        ED25519 = -1
        ECDSA = -1
        RSA = 2048
        """,
        unchecked=HTTP_GIT,
    ),
    Site(
        "git by HTTP alone", "0.6 to 0.14",
        """
        [server]
        DISABLE_SSH = true
        LANDING_URL = /explore/repos
        DISABLE_ROUTER_LOG = true
        ENABLE_GZIP = true
        [http]
        ACCESS_CONTROL_ALLOW_ORIGIN = *
        [attachment]
        ALLOWED_TYPES = application/x-of-the-company
        [lfs]
        STORAGE = elsewhere
        """,
        unchecked=SSH | {"attachment", "lfs"},
    ),
    Site(
        "no repositories of one's own", "0.9 to 0.14",
        """
        [repository]
        MAX_CREATION_LIMIT = 0
        """,
        unchecked=REPOSITORY,
        parts=("a repository of its own",),
    ),
    Site("tables of three bytes a character", "0.6 to 0.11", "", parts=("characters of four bytes",),
         charset="utf8mb3"),
    Site("tables of one byte a character", "0.6", "", parts=("characters outside of Western",), charset="latin1"),
)  # fmt: skip
